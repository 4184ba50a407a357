// SPDX-License-Identifier: Apache-2.0
//
// The directory of public groups: search, join, open.

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Compass, Hash, Search } from 'lucide';
import type { Problem, PublicGroup } from '../../client/index.ts';
import { joinGroup } from '../actions/groups.ts';
import { problemText } from '../actions/problems.ts';
import { navigate, paths } from '../lib/router.ts';
import { client } from '../state/client.ts';
import { t } from '../strings/index.ts';
import { Icon } from './icon.tsx';
import { Nothing } from './nothing.tsx';
import { Page } from './page.tsx';
import { ListSkeleton } from './skeleton.tsx';

interface Found {
  groups: readonly PublicGroup[];
  next: string | null;
  busy: boolean;
  problem: Problem | null;
}

function useGroups(query: string) {
  const [found, setFound] = useState<Found>({ groups: [], next: null, busy: true, problem: null });
  const turn = useRef(0);
  const load = async (after?: string) => {
    turn.current += 1;
    const mine = turn.current;
    setFound((before) => ({ ...before, busy: true }));
    try {
      const page = await client.searchGroups(query.trim(), after);
      if (mine !== turn.current) return;
      setFound((before) => ({ groups: after ? [...before.groups, ...page.items] : page.items, next: page.next, busy: false, problem: null }));
    } catch (problem) {
      if (mine === turn.current) setFound({ groups: [], next: null, busy: false, problem: problem as Problem });
    }
  };
  useEffect(() => {
    const timer = setTimeout(() => void load(), query ? 150 : 0);
    return () => clearTimeout(timer);
  }, [query]);
  return { ...found, load };
}

function GroupRow({ group }: { group: PublicGroup }) {
  const [busy, setBusy] = useState(false);
  const joined = group.joined || client.conversation(group.id).value?.my_role;
  const join = async () => {
    setBusy(true);
    await joinGroup(group.id);
    setBusy(false);
  };
  return (
    <li class="row group-row">
      <span class="group-mark">
        <Icon icon={Hash} />
      </span>
      <span class="grow">
        <span class="name one-line" dir="auto">
          {group.title}
        </span>
        <span class="about one-line" dir="auto">
          {t.groups.membersCount(group.members_count)}
          {group.topic ? ` · ${group.topic}` : ''}
        </span>
      </span>
      {joined ? (
        <button type="button" class="button slim" aria-label={`${t.groups.open}: ${group.title}`} onClick={() => navigate(paths.conversation(group.id))}>
          {t.groups.open}
        </button>
      ) : (
        <button type="button" class="button slim primary" aria-label={`${t.groups.join}: ${group.title}`} disabled={busy} onClick={() => void join()}>
          {busy ? t.groups.joining : t.groups.join}
        </button>
      )}
    </li>
  );
}

export function GroupsPage() {
  const [query, setQuery] = useState('');
  const { groups, next, busy, problem, load } = useGroups(query);
  const field = useRef<HTMLInputElement>(null);
  useLayoutEffect(() => field.current?.focus(), []);
  const tools = (
    <button type="button" class="button slim" onClick={() => navigate(paths.newGroup)}>
      {t.side.newGroup}
    </button>
  );
  return (
    <Page title={t.groups.directory} tools={tools}>
      <div class="search-field">
        <Icon icon={Search} size={16} />
        <input class="input" type="search" dir="auto" ref={field} value={query} placeholder={t.groups.search} aria-label={t.groups.search} onInput={(event) => setQuery(event.currentTarget.value)} />
      </div>
      {busy && groups.length === 0 ? (
        <ListSkeleton />
      ) : (
        <ul class="rows">
          {groups.map((group) => (
            <GroupRow key={group.id} group={group} />
          ))}
        </ul>
      )}
      {problem && <Nothing alert about={problemText(problem)} action={{ label: t.tryAgain, run: () => void load() }} />}
      {!busy && !problem && groups.length === 0 && query && <Nothing about={t.groups.none(query)} />}
      {!busy && !problem && groups.length === 0 && !query && (
        <Nothing icon={Compass} title={t.groups.noneYet} about={t.groups.noneYetAbout} action={{ label: t.side.newGroup, run: () => navigate(paths.newGroup) }} />
      )}
      {next && (
        <button type="button" class="button quiet" disabled={busy} onClick={() => void load(next)}>
          {t.groups.loadMore}
        </button>
      )}
    </Page>
  );
}
