// SPDX-License-Identifier: Apache-2.0
//
// Completes @names: what is typed behind an @, who matches, and the list above
// the field. The field keeps the focus; the list is told by aria-activedescendant.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Account, Members } from '../../client/index.ts';
import { insertText } from '../lib/editing.ts';
import { client, personOf } from '../state/client.ts';
import { t } from '../strings/index.ts';
import { Avatar } from './avatar.tsx';

const shown = 8;
const typed = /(?:^|[\s(])@([\p{L}\p{N}._-]{0,32})$/u;

export interface Completion {
  open: boolean;
  people: Account[];
  chosen: number;
  /** Looks at the text before the cursor; call after each change of text or cursor. */
  look(field: HTMLTextAreaElement): void;
  /** True when the key was the list's. */
  key(event: KeyboardEvent, field: HTMLTextAreaElement): boolean;
  pick(person: Account, field: HTMLTextAreaElement): void;
  close(): void;
}

function rank(person: Account, word: string): number {
  const login = person.login.toLowerCase();
  const name = person.display_name.toLocaleLowerCase();
  if (login.startsWith(word)) return 0;
  if (name.startsWith(word)) return 1;
  if (name.split(/\s+/).some((part) => part.startsWith(word))) return 2;
  return login.includes(word) || name.includes(word) ? 3 : 9;
}

function matching(people: Account[], word: string): Account[] {
  return people
    .map((person) => ({ person, score: rank(person, word) }))
    .filter(({ score }) => score < 9)
    .sort((a, b) => a.score - b.score || a.person.display_name.localeCompare(b.person.display_name))
    .slice(0, shown)
    .map(({ person }) => person);
}

/** Members whose account is known; the list fills as accounts arrive. */
export function knownMembers(members: Members): Account[] {
  return members.list.value.map((member) => personOf(member.account)).filter((person): person is Account => !!person);
}

export function useCompletion(members: Members): Completion {
  const [word, setWord] = useState<string | null>(null);
  const [chosen, choose] = useState(0);
  const [found, setFound] = useState<Account[]>([]);
  const local = word === null ? [] : matching(knownMembers(members), word);
  const people = word === null ? [] : local.length >= shown || members.complete.value ? local : mergePeople(local, matching(found, word));

  useEffect(() => {
    choose(0);
    if (word === null) return undefined;
    if (!members.complete.peek()) void members.loadMore();
    if (!word || members.complete.peek()) return undefined;
    const timer = setTimeout(() => void client.searchPeople(word).then((page) => setFound([...page.items]), () => {}), 150);
    return () => clearTimeout(timer);
  }, [word]);

  const pick = (person: Account, field: HTMLTextAreaElement) => {
    const start = field.selectionStart - (word?.length ?? 0);
    field.setSelectionRange(start, field.selectionStart);
    insertText(field, `${person.login} `);
    setWord(null);
  };
  const open = people.length > 0;
  return {
    open,
    people,
    chosen,
    pick,
    close: () => setWord(null),
    look(field) {
      const match = field.selectionStart === field.selectionEnd ? typed.exec(field.value.slice(0, field.selectionStart)) : null;
      setWord(match ? match[1]!.toLocaleLowerCase() : null);
    },
    key(event, field) {
      if (!open) return false;
      const exact = people[chosen]?.login.toLowerCase() === word;
      if (event.key === 'ArrowDown' || event.key === 'ArrowUp') choose((chosen + (event.key === 'ArrowDown' ? 1 : people.length - 1)) % people.length);
      else if (event.key === 'Enter' && exact) return false;
      else if ((event.key === 'Enter' && !event.shiftKey) || event.key === 'Tab') pick(people[Math.min(chosen, people.length - 1)]!, field);
      else if (event.key === 'Escape') setWord(null);
      else return false;
      event.preventDefault();
      event.stopPropagation();
      return true;
    },
  };
}

function mergePeople(local: Account[], others: Account[]): Account[] {
  const known = new Set(local.map((person) => person.id));
  return [...local, ...others.filter((person) => !known.has(person.id))].slice(0, shown);
}

export function CompletionList({ completion, field, id }: { completion: Completion; field: { current: HTMLTextAreaElement | null }; id: string }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }), [completion.chosen]);
  if (!completion.open) return null;
  return (
    <ul class="completion" role="listbox" id={id} aria-label={t.composer.people} ref={list}>
      {completion.people.map((person, index) => (
        <li
          key={person.id}
          id={`${id}-${index}`}
          class="row active-able"
          role="option"
          aria-selected={index === completion.chosen}
          onMouseDown={(event) => {
            event.preventDefault();
            if (field.current) completion.pick(person, field.current);
          }}
        >
          <Avatar id={person.id} name={person.display_name} size={24} />
          <span class="name one-line" dir="auto">
            {person.display_name}
          </span>
          <span class="about one-line">@{person.login}</span>
        </li>
      ))}
    </ul>
  );
}
