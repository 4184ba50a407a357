// SPDX-License-Identifier: Apache-2.0
//
// Everybody who has an account: find, add, manage.

import { useEffect, useState } from 'preact/hooks';
import { Search, UserPlus } from 'lucide';
import { openDialog } from '../../app/state/screen.ts';
import { Icon } from '../../app/ui/icon.tsx';
import { filter, query } from '../address.ts';
import { type PeopleState, type Person, api } from '../api.ts';
import { findOut, me } from '../state.ts';
import { t } from '../strings.ts';
import { AddPerson } from './add-person.tsx';
import { type Listing, Table, TabHead, useListing } from './listing.tsx';
import { ManagePerson } from './manage-person.tsx';
import { When } from './when.tsx';
import { Tags, Who } from './who.tsx';

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
      <select class="input filter-state" aria-label={t.people.show} value={state} onChange={(event) => filter({ state: event.currentTarget.value === 'active' ? '' : event.currentTarget.value })}>
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

const cellsOf = (person: Person) => [
  <Who person={person} size={28} />,
  <Tags person={person} />,
  person.sessions,
  <When time={person.last_seen} />,
  <When time={person.created} />,
];

/** Whoever changed what they may do themselves has to be asked for anew. */
function changedPerson(listing: Listing<Person>, changed: Person): void {
  listing.replace((one) => one.id === changed.id, changed);
  if (changed.id === me.value?.id) void findOut();
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
    openDialog(() => <ManagePerson person={person} onChange={(changed) => changedPerson(listing, changed)} />);
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
        row={(person) => ({ key: person.id, cells: cellsOf(person) })}
        act={(person) => (
          <button type="button" class="button slim" aria-label={t.people.manage(person.display_name)} onClick={() => manage(person)}>
            {t.people.manageShort}
          </button>
        )}
      />
    </>
  );
}
