// SPDX-License-Identifier: Apache-2.0
//
// The side bar: who I am, the filter, the conversations by section, and one
// quiet line about the connection at the foot.

import { signal, useSignal } from '@preact/signals';
import { useRef, useState } from 'preact/hooks';
import { ChevronDown, Plus, Search, X } from 'lucide';
import type { Conversation } from '../../client/index.ts';
import { navigate, paths } from '../lib/router.ts';
import { client, isSelf, titleOf } from '../state/client.ts';
import { closedSections, sideWidth } from '../state/prefs.ts';
import { isPhone, openConversation, quickOpen } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { ConversationRow } from './conversation-row.tsx';
import { Welcome, firstSteps } from './first-steps.tsx';
import { Icon } from './icon.tsx';
import { LinkLine } from './link-line.tsx';
import { Menu, MenuItem, moveFocus } from './menu.tsx';
import { Nothing } from './nothing.tsx';
import { OwnStatus } from './own-status.tsx';
import { Resizer } from './resizer.tsx';
import { ListSkeleton } from './skeleton.tsx';

type SectionName = keyof typeof t.side.sections;
const order: SectionName[] = ['favourites', 'groups', 'direct'];
const filter = signal('');

function sectionOf(conversation: Conversation): SectionName {
  if (conversation.favourite) return 'favourites';
  return conversation.kind === 'group' ? 'groups' : 'direct';
}

function matches(conversation: Conversation, words: string[]): boolean {
  const title = titleOf(conversation).toLocaleLowerCase();
  return words.every((word) => title.includes(word));
}

/** The shown conversations' ids by section, in the list's order. */
function bySection(ids: readonly string[]): Map<SectionName, string[]> {
  const words = filter.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const sections = new Map<SectionName, string[]>(order.map((name) => [name, []]));
  for (const id of ids) {
    const conversation = client.conversation(id).value;
    if (!conversation) continue;
    if (words.length ? !matches(conversation, words) : isEmptySelf(conversation)) continue;
    sections.get(sectionOf(conversation))!.push(id);
  }
  return sections;
}

function isEmptySelf(conversation: Conversation): boolean {
  return isSelf(conversation) && conversation.last_seq === 0 && openConversation.value !== conversation.id;
}

/** While the pointer is over the list, rows keep their places: nothing moves under a click. */
function useSteadyIds(held: boolean): readonly string[] {
  const ids = client.conversationIds.value;
  const kept = useRef(ids);
  if (!held) kept.current = ids;
  else if (ids !== kept.current) {
    const now = new Set(ids);
    const before = new Set(kept.current);
    kept.current = [...ids.filter((id) => !before.has(id)), ...kept.current.filter((id) => now.has(id))];
  }
  return kept.current;
}

function Section({ name, ids, tabStop }: { name: SectionName; ids: string[]; tabStop: string | undefined }) {
  const closed = closedSections.value.includes(name) && !filter.value;
  const shown = closed ? ids.filter((id) => id === openConversation.value || (client.conversation(id).value?.unread ?? 0) > 0) : ids;
  const toggle = () => {
    const before = closedSections.peek();
    closedSections.value = before.includes(name) ? before.filter((one) => one !== name) : [...before, name];
  };
  return (
    <section class="side-section" aria-label={t.side.sections[name]}>
      <button type="button" class={`side-section-head${closed ? ' closed' : ''}`} aria-expanded={!closed} onClick={toggle}>
        {t.side.sections[name]}
        <Icon icon={ChevronDown} size={14} />
      </button>
      <ul>
        {shown.map((id) => (
          <ConversationRow key={id} id={id} open={id === openConversation.value} tabStop={id === tabStop} />
        ))}
      </ul>
    </section>
  );
}

function List({ sections }: { sections: Map<SectionName, string[]> }) {
  const all = order.flatMap((name) => sections.get(name)!);
  const open = openConversation.value;
  const tabStop = open && all.includes(open) ? open : all[0];
  return (
    <>
      {order.map((name) => {
        const ids = sections.get(name)!;
        return ids.length > 0 && <Section key={name} name={name} ids={ids} tabStop={tabStop} />;
      })}
    </>
  );
}

function Body() {
  const held = useSignal(false);
  const ids = useSteadyIds(held.value);
  if (!client.loaded.value) return <ListSkeleton rows={10} head />;
  const sections = bySection(ids);
  const empty = [...sections.values()].every((one) => one.length === 0);
  return (
    <div
      class="side-list"
      onPointerEnter={(event) => (held.value = event.pointerType === 'mouse')}
      onPointerLeave={() => (held.value = false)}
      onKeyDown={(event) => moveFocus(event.currentTarget, 'a.conv', event)}
    >
      <List sections={sections} />
      {empty && filter.value && (
        <Nothing
          about={t.side.none(filter.value)}
          action={{ label: t.side.searchPeople, run: () => navigate(`${paths.newDirect}?q=${encodeURIComponent(filter.peek())}`) }}
        />
      )}
      {empty && !filter.value && (isPhone.value ? <Welcome /> : <Nothing about={t.side.empty} />)}
    </div>
  );
}

function Filter() {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && filter.peek()) {
      event.stopPropagation();
      filter.value = '';
    } else if (event.key === 'ArrowDown' || event.key === 'Enter') {
      const first = document.querySelector<HTMLElement>('.side-list a.conv');
      if (!first) return;
      event.preventDefault();
      if (event.key === 'Enter') first.click();
      else first.focus();
    }
  };
  return (
    <div class="search-field side-filter">
      <Icon icon={Search} size={16} />
      <input
        class="input"
        type="search"
        dir="auto"
        value={filter.value}
        placeholder={t.side.filter}
        aria-label={t.side.filterLabel}
        onInput={(event) => (filter.value = event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {filter.value ? (
        <button type="button" class="icon-button" aria-label={t.side.clear} onClick={() => (filter.value = '')}>
          <Icon icon={X} size={16} />
        </button>
      ) : (
        !isPhone.value && (
          <button type="button" class="side-quick" title={t.quick.open} aria-label={t.quick.open} onClick={() => (quickOpen.value = true)}>
            <kbd>Ctrl K</kbd>
          </button>
        )
      )}
    </div>
  );
}

function AddMenu() {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button
        type="button"
        class="icon-button"
        ref={button}
        aria-label={t.side.add}
        title={t.side.add}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon icon={Plus} />
      </button>
      {open && button.current && (
        <Menu label={t.side.add} at={button.current} onClose={() => setOpen(false)}>
          {firstSteps.map(({ icon, label, path }) => (
            <MenuItem key={path} icon={icon} onSelect={() => navigate(path)}>
              {label}
            </MenuItem>
          ))}
        </Menu>
      )}
    </>
  );
}

export function Side() {
  return (
    <aside class="side" aria-label={t.side.label}>
      <header class="side-head">
        <OwnStatus />
        <AddMenu />
      </header>
      <Filter />
      <nav class="side-scroll" aria-label={t.side.label}>
        <Body />
      </nav>
      <LinkLine />
      <Resizer width={sideWidth} least={220} most={440} initial={272} edge="end" label={t.side.label} />
    </aside>
  );
}
