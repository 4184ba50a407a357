// SPDX-License-Identifier: Apache-2.0
//
// Finds somebody and opens the conversation with them.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Search } from 'lucide';
import { messagePerson } from '../actions/groups.ts';
import { problemText } from '../actions/problems.ts';
import { search } from '../lib/router.ts';
import { client, myId } from '../state/client.ts';
import { t } from '../strings/index.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { moveFocus } from './menu.tsx';
import { Nothing } from './nothing.tsx';
import { Page } from './page.tsx';
import { usePeople } from './people-search.tsx';
import { ListSkeleton } from './skeleton.tsx';

function PersonRow({ id, name, login }: { id: string; name: string; login: string }) {
  const presence = client.presence(id).value?.state;
  return (
    <li>
      <button type="button" class="row" onClick={() => void messagePerson(id)}>
        <Avatar id={id} name={name} presence={presence} />
        <span class="grow">
          <span class="name one-line" dir="auto">
            {name} {id === myId() && <span class="muted">({t.people.self})</span>}
          </span>
          <span class="about one-line">@{login}</span>
        </span>
      </button>
    </li>
  );
}

export function NewDirectPage() {
  const [query, setQuery] = useState(search.peek().get('q') ?? '');
  const field = useRef<HTMLInputElement>(null);
  const { people, busy, problem } = usePeople(query);
  useLayoutEffect(() => field.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && people[0]) void messagePerson(people[0].id);
  };
  return (
    <Page title={t.people.title}>
      <div class="search-field">
        <Icon icon={Search} size={16} />
        <input
          class="input"
          type="search"
          dir="auto"
          ref={field}
          value={query}
          placeholder={t.people.placeholder}
          aria-label={t.people.placeholder}
          onInput={(event) => setQuery(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
      </div>
      {busy && people.length === 0 ? (
        <ListSkeleton />
      ) : (
        <ul class="rows" onKeyDown={(event) => moveFocus(event.currentTarget, 'button.row', event)}>
          {people.map((person) => (
            <PersonRow key={person.id} id={person.id} name={person.display_name} login={person.login} />
          ))}
        </ul>
      )}
      {!busy && !problem && people.length === 0 && <Nothing about={t.people.none(query)} />}
      {problem && <Nothing alert about={problemText(problem)} />}
    </Page>
  );
}
