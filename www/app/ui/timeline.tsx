// SPDX-License-Identifier: Apache-2.0
//
// The messages of a conversation. Only a slice of the loaded run is in the page:
// what is near the screen. Scrolling moves the slice, and loads more at its ends.
// The view holds still while rows come and go (scroll-keeper); it follows the end
// only when the person is there.

import { type Signal, batch, signal, useComputed } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { ArrowDown, UserPlus } from 'lucide';
import type { Conversation, Timeline as Run, TimelineItem } from '../../client/index.ts';
import { copySelection } from '../actions/copy.ts';
import { dayName, exactly } from '../lib/dates.ts';
import { client, isSelf, myId, titleOf } from '../state/client.ts';
import { attending, written } from '../state/screen.ts';
import { navigation, openPanel, route } from '../lib/router.ts';
import { t } from '../strings/index.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { MessageRow } from './message.tsx';
import { Nothing } from './nothing.tsx';
import { ScrollKeeper } from './scroll-keeper.ts';
import { MessagesSkeleton } from './skeleton.tsx';
import { type Day, type Row, daysOf, indexOfSeq, seqOf } from './timeline-rows.ts';

const firstRows = 50;
const step = 40;
const mostRows = 140;
const page = 60;

/** The slice in the page: from the item with seq `low` to the one with `high`; the end follows at Infinity. */
interface Slice {
  low: number;
  high: number;
}

const END = Number.POSITIVE_INFINITY;

interface Bounds {
  start: number;
  end: number;
}

function bounds(items: readonly TimelineItem[], { low, high }: Slice): Bounds {
  const end = high === END ? items.length : Math.min(items.length, indexOfSeq(items, high + 1));
  const start = low === END ? Math.max(0, end - firstRows) : Math.min(indexOfSeq(items, low), Math.max(0, end - 1));
  return { start, end };
}

function sliceOf(items: readonly TimelineItem[], start: number, end: number, atEnd: boolean): Slice {
  const last = items[end - 1];
  return {
    low: items[start] ? seqOf(items[start]) : END,
    high: end >= items.length && atEnd ? END : last ? seqOf(last) : END,
  };
}

/** A row that is to be shown at a share of the height as soon as it is in the page. */
interface Goal {
  key: string;
  share: number;
  flash: boolean;
}

interface View {
  run: Run;
  keeper: ScrollKeeper;
  slice: Signal<Slice>;
  goal: Goal | null;
  /** False until it is known where the view begins: what is not yet shown there is not read. */
  placed: Signal<boolean>;
  /** Where the person was before going to a message of the address. */
  before: number | null;
  /** The first unread when the conversation was opened, until the person has seen it all. */
  unreadFrom: Signal<number | null>;
  /** Whether the end is in view. */
  atFoot: Signal<boolean>;
}

function hasEnd({ run, slice }: View): boolean {
  return run.atEnd.peek() && slice.peek().high === END;
}

/** Moves the slice up or down when the person comes near its edge; loads when the run ends there. */
function extend(view: View): void {
  const { run, keeper, slice } = view;
  const { box } = keeper;
  if (!box || run.loading.peek()) return;
  const items = run.items.peek();
  const { start, end } = bounds(items, slice.peek());
  const near = box.clientHeight * 1.5;
  if (box.scrollTop < near) {
    if (start > 0) slice.value = moved(view, Math.max(0, start - step), end);
    else if (!run.atStart.peek() && !run.loadingOlder.peek() && !run.problem.peek()) void run.loadOlder(page);
  } else if (keeper.distanceToEnd() < near) {
    if (end < items.length) slice.value = moved(view, start, Math.min(items.length, end + step));
    else if (!run.atEnd.peek() && !run.loadingNewer.peek() && !run.problem.peek()) void run.loadNewer(page);
    else if (slice.peek().high !== END && run.atEnd.peek()) slice.value = sliceOf(items, start, end, true);
  }
}

/** A slice that grew at one end gives up rows at the other, far from the screen. */
function moved({ run, slice }: View, start: number, end: number): Slice {
  const items = run.items.peek();
  const before = bounds(items, slice.peek());
  if (end - start <= mostRows) return sliceOf(items, start, end, run.atEnd.peek());
  return start < before.start
    ? sliceOf(items, start, start + mostRows, run.atEnd.peek())
    : sliceOf(items, end - mostRows, end, run.atEnd.peek());
}

/** While the end is followed, the slice must not grow without bound. */
function trim({ run, keeper, slice }: View): void {
  const items = run.items.peek();
  const { start, end } = bounds(items, slice.peek());
  if (keeper.pinned && end - start > mostRows) slice.value = sliceOf(items, end - firstRows, end, run.atEnd.peek());
}

/** Tells the server what has been seen: only while the person looks at the window. */
function markRead(view: View, id: string): void {
  if (!attending.peek()) return;
  const seen = view.keeper.visible()?.last.dataset.seq;
  const row = client.conversation(id).peek();
  if (!seen || !row) return;
  const seq = Math.min(Number(seen), row.last_seq);
  if (seq > row.read_seq) client.read(id, seq);
}

function DayView({ day, view }: { day: Day; view: View }) {
  return (
    <section class="day" aria-label={dayName(day.day)}>
      <div class="day-line" aria-hidden="true" />
      <h3 class="day-name" title={exactly(day.day)}>
        <span>{dayName(day.day)}</span>
      </h3>
      {day.rows.map((row) => (
        <RowView key={row.item.key} row={row} run={view.run} />
      ))}
    </section>
  );
}

function RowView({ row, run }: { row: Row; run: Run }) {
  return (
    <>
      {row.newLine && (
        <div class="new-line" role="separator" aria-label={t.conversation.newLine}>
          <span>{t.conversation.newLine}</span>
        </div>
      )}
      <MessageRow item={row.item} head={row.head} run={run} />
    </>
  );
}

function Beginning({ conversation, empty }: { conversation: Conversation; empty: boolean }) {
  const title = titleOf(conversation);
  const group = conversation.kind === 'group';
  const alone = group && conversation.members_count === 1 && !conversation.archived && (conversation.my_role === 'owner' || conversation.my_role === 'admin');
  const text = isSelf(conversation)
    ? t.conversation.beginSelf
    : conversation.kind === 'direct'
      ? t.conversation.beginDirect(title)
      : t.conversation.begin(title);
  return (
    <div class="beginning">
      <Avatar id={group ? conversation.id : (conversation.peer ?? myId())} name={title} size={44} group={group} />
      <p dir="auto">
        {text}
        {alone && <span class="beginning-hint">{t.conversation.alone}</span>}
        {empty && !alone && !isSelf(conversation) && <span class="beginning-hint">{t.conversation.empty}</span>}
      </p>
      {alone && (
        <button type="button" class="button" onClick={() => openPanel(conversation.id, 'members')}>
          <Icon icon={UserPlus} />
          {t.members.add}
        </button>
      )}
    </div>
  );
}

function Edge({ run, older }: { run: Run; older: boolean }) {
  const problem = run.problem.value;
  const busy = older ? run.loadingOlder.value : run.loadingNewer.value;
  if (problem && !busy) {
    return (
      <div class="edge" role="alert">
        <span>{problem.status === 0 ? t.conversation.offlineEmpty : t.conversation.failed}</span>
        <button type="button" class="link-button" onClick={() => void (older ? run.loadOlder(page) : run.loadNewer(page))}>
          {t.tryAgain}
        </button>
      </div>
    );
  }
  return (
    <div class="edge" aria-hidden="true">
      {busy && <span class="bones"><span class="bone edge-bone" /></span>}
    </div>
  );
}

function Rows({ view, conversation }: { view: View; conversation: Conversation }) {
  const { run, keeper, slice, unreadFrom } = view;
  keeper.remember();
  const items = run.items.value;
  const { start, end } = bounds(items, slice.value);
  const days = daysOf(items, start, end, myId(), unreadFrom.value);
  const first = start === 0 && run.atStart.value;
  const last = end === items.length && run.atEnd.value;
  useLayoutEffect(() => settle(view));
  useEffect(() => {
    trim(view);
    extend(view);
    markRead(view, conversation.id);
  });
  return (
    <>
      {first ? <Beginning conversation={conversation} empty={items.length === 0} /> : <Edge run={run} older />}
      {days.map((day) => (
        <DayView key={day.day} day={day} view={view} />
      ))}
      {!last && <Edge run={run} older={false} />}
    </>
  );
}

function toEnd(view: View): void {
  view.keeper.pinned = true;
  view.slice.value = { low: END, high: END };
  if (view.run.atEnd.peek()) requestAnimationFrame(() => view.keeper.restore());
  else void view.run.loadNewest().then(() => view.keeper.restore());
}

function Pill({ view, id }: { view: View; id: string }) {
  const unread = client.conversation(id).value?.unread ?? 0;
  if (view.atFoot.value) return null;
  return (
    <button type="button" class={`to-end${unread ? ' new' : ''}`} onClick={() => toEnd(view)} aria-label={unread ? undefined : t.conversation.toLatest}>
      {unread > 0 && t.conversation.newPill(unread)}
      <Icon icon={ArrowDown} size={16} />
    </button>
  );
}

function firstUnread(id: string): number | null {
  const row = client.conversation(id).peek();
  return row && row.unread > 0 ? row.read_seq + 1 : null;
}

/** Puts the view at a message: of the address, the first unread, or (null) the end. */
async function place(view: View, target: number | null, share: number, marked: boolean): Promise<void> {
  const { run, keeper, slice, placed } = view;
  if (target === null) {
    keeper.pinned = true;
    placed.value = true;
    await run.loadNewest();
    return;
  }
  await run.loadAround(target);
  const items = run.items.peek();
  const at = Math.min(indexOfSeq(items, target), Math.max(0, items.length - 1));
  keeper.pinned = false;
  view.goal = items[at] ? { key: items[at].key, share, flash: marked } : null;
  batch(() => {
    slice.value = sliceOf(items, Math.max(0, at - step), Math.min(items.length, at + step), run.atEnd.peek());
    placed.value = true;
  });
}

/** Begins at the first unread or the end; a message of the address is gone to, and come back from. */
function usePlace(view: View, seq: number | undefined): void {
  useLayoutEffect(() => {
    const { placed, keeper } = view;
    if (seq !== undefined) {
      if (placed.peek()) view.before ??= Number(keeper.visible()?.first.dataset.seq ?? 0) || null;
      void place(view, seq, 0.4, true);
    } else if (!placed.peek()) {
      void place(view, view.unreadFrom.peek(), 0.2, false);
    } else if (view.before !== null && !hasPanel()) {
      void place(view, view.before, 0, false);
      view.before = null;
    }
  }, [view, seq, seq === undefined ? 0 : navigation.value]);
}

function hasPanel(): boolean {
  const at = route.peek();
  return at.name === 'conversation' && at.panel !== undefined;
}

/** After the rows changed: goes where it is to go, else holds still. */
function settle(view: View): void {
  const { keeper, goal } = view;
  view.goal = null;
  if (goal && keeper.show(goal.key, goal.share)) {
    keeper.pinned = hasEnd(view) && keeper.distanceToEnd() <= 4;
    if (goal.flash) flash(keeper.row(goal.key));
  } else {
    keeper.restore();
  }
  look(view);
}

function look(view: View): void {
  view.atFoot.value = hasEnd(view) && view.keeper.distanceToEnd() < 60;
}

function flash(row: HTMLElement | null): void {
  row?.classList.remove('flash');
  void row?.offsetWidth;
  row?.classList.add('flash');
}

function useView(run: Run, id: string): View {
  return useMemo(
    () => ({
      run,
      keeper: new ScrollKeeper(),
      slice: signal<Slice>({ low: END, high: END }),
      goal: null,
      placed: signal(false),
      before: null,
      unreadFrom: signal(firstUnread(id)),
      atFoot: signal(true),
    }),
    [run],
  );
}

/** The line of the unread follows what came while the person was away, and goes when they write. */
function useUnreadLine(view: View, id: string): void {
  const away = useComputed(() => !attending.value);
  useEffect(() => {
    if (!away.value) return;
    const row = client.conversation(id).peek();
    if (row && row.unread === 0) view.unreadFrom.value = row.last_seq + 1;
  }, [away.value]);
  const pending = useComputed(() => client.outbox.value.some((entry) => entry.conversation === id));
  useEffect(() => {
    if (pending.value) view.unreadFrom.value = null;
  }, [pending.value]);
}

/** Who writes goes to the end, where it appears. */
function useWritten(view: View): void {
  const seen = useRef(written.peek());
  useEffect(() => {
    if (seen.current !== written.value) toEnd(view);
    seen.current = written.value;
  }, [written.value]);
}

/** Holds the view still when the box or its content changes size (composer, fonts, pictures). */
function useResize(view: View): void {
  useLayoutEffect(() => {
    const { box } = view.keeper;
    if (!box) return undefined;
    const watch = new ResizeObserver(() => {
      // the composer below keeps the same edges, whatever width a scroll bar has here
      document.documentElement.style.setProperty('--gutter', `${(box.offsetWidth - box.clientWidth) / 2}px`);
      view.keeper.restore();
      look(view);
    });
    watch.observe(box);
    watch.observe(box.firstElementChild!);
    return () => watch.disconnect();
  }, [view]);
}

/** Arrow keys walk from message to message once one has the focus. */
function onKeyDown(view: View, event: KeyboardEvent): void {
  const rows = view.keeper.rows();
  const now = rows.indexOf(document.activeElement as HTMLElement);
  if (event.key === 'End' && now >= 0) {
    event.preventDefault();
    toEnd(view);
  }
  const next = now >= 0 ? { ArrowUp: now - 1, ArrowDown: now + 1 }[event.key] : undefined;
  if (next === undefined) return;
  event.preventDefault();
  rows[Math.max(0, Math.min(rows.length - 1, next))]?.focus();
}

export interface TimelineProps {
  run: Run;
  conversation: Conversation;
  seq: number | undefined;
}

export function Timeline({ run, conversation, seq }: TimelineProps) {
  const { id } = conversation;
  const view = useView(run, id);
  usePlace(view, seq);
  useEffect(() => markRead(view, id), [attending.value]);
  useUnreadLine(view, id);
  useWritten(view);
  useResize(view);
  const onScroll = () => {
    view.keeper.scrolled(hasEnd(view));
    look(view);
    extend(view);
    markRead(view, id);
  };
  const loading = run.loading.value || !view.placed.value;
  const empty = !loading && run.items.value.length === 0;
  const problem = run.problem.value;
  return (
    <div class="timeline-box">
      <div
        class="timeline"
        id="messages"
        role="log"
        aria-live="off"
        aria-label={t.conversation.label(titleOf(conversation))}
        aria-busy={loading}
        tabIndex={-1}
        ref={(box) => void (view.keeper.box = box)}
        onScroll={onScroll}
        onCopy={(event) => copySelection(event, run.items.peek())}
        onKeyDown={(event) => onKeyDown(view, event)}
      >
        <div class="timeline-inner">
          {loading ? (
            <MessagesSkeleton />
          ) : empty && problem ? (
            <Nothing
              alert
              about={problem.status === 0 ? t.conversation.offlineEmpty : t.conversation.failed}
              action={{ label: t.tryAgain, run: () => void run.loadNewest() }}
            />
          ) : (
            <Rows view={view} conversation={conversation} />
          )}
        </div>
      </div>
      {!loading && <Pill view={view} id={id} />}
    </div>
  );
}
