// SPDX-License-Identifier: Apache-2.0
//
// The quick switcher (Ctrl K): conversations and people by a few letters.

import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Hash, Lock, Search } from 'lucide';
import type { Account, Conversation } from '../../client/index.ts';
import { messagePerson } from '../actions/groups.ts';
import { navigate, paths } from '../lib/router.ts';
import { client, titleOf } from '../state/client.ts';
import { openConversation, quickOpen } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Avatar } from './avatar.tsx';
import { useModal } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { usePeople } from './people-search.tsx';

const shown = 8;

/** Smaller is better; null when the letters are not there in order. */
function score(title: string, query: string): number | null {
  const name = title.toLocaleLowerCase();
  if (!query) return 0;
  if (name.startsWith(query)) return 0;
  const word = name.search(new RegExp(`(?:^|[\\s._-])${query.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`, 'u'));
  if (word >= 0) return 1;
  if (name.includes(query)) return 2;
  let at = 0;
  for (const letter of query) {
    at = name.indexOf(letter, at);
    if (at < 0) return null;
    at += 1;
  }
  return 3;
}

interface Hit {
  key: string;
  conversation?: Conversation;
  person?: Account;
}

function conversationHits(query: string): Hit[] {
  return client.conversations.value
    .map((conversation, index) => ({ conversation, index, points: score(titleOf(conversation), query) }))
    .filter(({ points, conversation }) => points !== null && (query || conversation.id !== openConversation.peek()))
    .sort((a, b) => a.points! - b.points! || Number(b.conversation.unread > 0) - Number(a.conversation.unread > 0) || a.index - b.index)
    .slice(0, shown)
    .map(({ conversation }) => ({ key: conversation.id, conversation }));
}

function peopleHits(people: readonly Account[], query: string, conversations: Hit[]): Hit[] {
  if (!query) return [];
  const known = new Set(conversations.map((hit) => hit.conversation?.peer).filter(Boolean));
  return people
    .filter((person) => !known.has(person.id))
    .slice(0, 5)
    .map((person) => ({ key: `p${person.id}`, person }));
}

function go(hit: Hit): void {
  quickOpen.value = false;
  if (hit.conversation) navigate(paths.conversation(hit.conversation.id));
  else if (hit.person) void messagePerson(hit.person.id);
}

function HitRow({ hit, id, chosen }: { hit: Hit; id: string; chosen: boolean }) {
  const { conversation, person } = hit;
  const title = conversation ? titleOf(conversation) : (person?.display_name ?? '');
  const account = person?.id ?? conversation?.peer;
  return (
    <li id={id} role="option" aria-selected={chosen} class="row active-able quick-row" onClick={() => go(hit)}>
      {conversation?.kind === 'group' ? (
        <span class="conv-mark">
          <Icon icon={conversation.visibility === 'public' ? Hash : Lock} size={16} />
        </span>
      ) : (
        <Avatar id={account ?? '0'} name={title} size={24} presence={account ? client.presence(account).value?.state : undefined} />
      )}
      <span class="name one-line" dir="auto">
        {title}
      </span>
      {person && <span class="about one-line">@{person.login}</span>}
      <span class="grow" />
      {conversation && conversation.mentions > 0 && <span class="pill mention">{conversation.mentions}</span>}
      {conversation && conversation.unread > 0 && conversation.mentions === 0 && <span class="pill count">{conversation.unread > 99 ? '99+' : conversation.unread}</span>}
    </li>
  );
}

export function Quick() {
  const box = useRef<HTMLDialogElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const id = useId();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  useModal(box);
  const query = text.trim().toLocaleLowerCase();
  const { people, busy } = usePeople(query);
  const conversations = conversationHits(query);
  const hits = [...conversations, ...peopleHits(people, query, conversations)];
  useEffect(() => list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' }), [at]);
  const close = () => (quickOpen.value = false);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setAt((at + (event.key === 'ArrowDown' ? 1 : hits.length - 1)) % Math.max(1, hits.length));
    } else if (event.key === 'Enter' && hits[at]) {
      event.preventDefault();
      go(hits[at]);
    }
  };
  return (
    <dialog
      class="dialog quick"
      ref={box}
      aria-label={t.quick.title}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={(event) => event.target === box.current && close()}
    >
      <div class="dialog-box">
        <div class="search-field quick-field">
          <Icon icon={Search} />
          <input
            data-autofocus
            dir="auto"
            value={text}
            placeholder={t.quick.placeholder}
            aria-label={t.quick.placeholder}
            role="combobox"
            aria-expanded="true"
            aria-controls={id}
            aria-activedescendant={hits[at] ? `${id}-${at}` : undefined}
            autocomplete="off"
            onInput={(event) => {
              setText(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={onKeyDown}
          />
        </div>
        <ul class="rows quick-list" role="listbox" id={id} aria-label={t.quick.title} ref={list}>
          {hits.map((hit, index) => (
            <HitRow key={hit.key} hit={hit} id={`${id}-${index}`} chosen={index === at} />
          ))}
        </ul>
        {hits.length === 0 && !busy && <p class="quick-none muted">{t.quick.none}</p>}
        <p class="quick-foot muted only-desk">{t.quick.hint}</p>
      </div>
    </dialog>
  );
}
