// SPDX-License-Identifier: Apache-2.0
//
// Everybody who has an account: find, add, manage.

import { useEffect, useState } from 'preact/hooks';
import { Search, UserPlus } from 'lucide';
import { openDialog } from '../../app/state/screen.ts';
import { Avatar } from '../../app/ui/avatar.tsx';
import { Icon } from '../../app/ui/icon.tsx';
import { filter, query } from '../address.ts';
import { type PeopleState, type Person, api } from '../api.ts';
import { t } from '../strings.ts';
import { AddPerson } from './add-person.tsx';
import { Table, TabHead, useListing } from './listing.tsx';
import { ManagePerson } from './manage-person.tsx';
import { When } from './when.tsx';

const STATES = Object.keys(t.people.state) as PeopleState[];
const TYPING_MS = 200;

function FindField() {
  const [text, setText] = useState(query.peek().get('q') ?? '');
  useEffect(() => {
    const timer = setTimeout(() => filter({ q: text.trim() }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class="search-field grow">
      <Icon icon={Search} />
      <input class="input" type="search" value={text} aria-label={t.people.find} placeholder={t.people.find} onInput={(event) => setText(event.currentTarget.value)} />
    </div>
  );
}

function Filters({ state, admins }: { state: PeopleState; admins: boolean }) {
  return (
    <div class="filters">
      <FindField />
      <select class="input filter-state" aria-label={t.people.columns.role} value={state} onChange={(event) => filter({ state: event.currentTarget.value === 'active' ? '' : event.currentTarget.value })}>
        {STATES.map((one) => (
          <option key={one} value={one}>
            {t.people.state[one]}
          </option>
        ))}
      </select>
      <label class="setting">
        <input type="checkbox" checked={admins} onChange={(event) => filter({ admins: event.currentTarget.checked ? 'yes' : '' })} />
        <span>{t.people.admins}</span>
      </label>
    </div>
  );
}

function Row({ person, onManage }: { person: Person; onManage: () => void }) {
  return (
    <tr>
      <td>
        <span class="who">
          <Avatar id={person.id} name={person.display_name} size={28} />
          <span class="who-text">
            <span class="name one-line" dir="auto" title={person.display_name}>
              {person.display_name}
            </span>
            <span class="about one-line">{person.login}</span>
          </span>
        </span>
      </td>
      <td>
        <span class="tags">
          {person.admin && <span class="tag accent">{t.people.admin}</span>}
          {person.deactivated && <span class="tag">{t.people.deactivated}</span>}
          {person.must_change_password && !person.deactivated && <span class="tag">{t.people.temporary}</span>}
          {!person.admin && !person.deactivated && !person.must_change_password && <span class="muted">{t.people.person}</span>}
        </span>
      </td>
      <td class="number">{person.sessions}</td>
      <td>
        <When time={person.last_seen} />
      </td>
      <td>
        <When time={person.created} />
      </td>
      <td class="table-act">
        <button type="button" class="button slim" aria-label={t.people.manage(person.display_name)} onClick={onManage}>
          {t.people.columns.manage}
        </button>
      </td>
    </tr>
  );
}

export function PeopleTab() {
  const wanted = query.value;
  const state = STATES.find((one) => one === wanted.get('state')) ?? 'active';
  const admins = wanted.get('admins') === 'yes';
  const q = wanted.get('q') ?? '';
  const [total, setTotal] = useState<number | null>(null);
  const listing = useListing<Person>(`${state} ${admins} ${q}`, async (last) => {
    const page = await api.people({ q, state, admins }, last?.id);
    setTotal(page.total);
    return { items: page.accounts, more: page.more };
  });
  const manage = (person: Person) =>
    openDialog(() => <ManagePerson person={person} onChange={(changed) => listing.replace((one) => one.id === changed.id, changed)} />);
  return (
    <>
      <TabHead title={t.tabs.people} {...(total === null ? {} : { about: t.people.found(total) })}>
        <button type="button" class="button primary" onClick={() => openDialog(() => <AddPerson onAdded={listing.reload} />)}>
          <Icon icon={UserPlus} size={16} />
          {t.people.add}
        </button>
      </TabHead>
      <Filters state={state} admins={admins} />
      <Table
        listing={listing}
        label={t.tabs.people}
        columns={Object.values(t.people.columns)}
        empty={{ title: t.people.none, about: t.people.noneAbout }}
        row={(person) => <Row key={person.id} person={person} onManage={() => manage(person)} />}
      />
    </>
  );
}
