// SPDX-License-Identifier: Apache-2.0
//
// One message of the timeline: stored, waiting or failed, system or deleted.

import { useComputed, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { CornerUpLeft, Pin } from 'lucide';
import type { Message, OutboxEntry, Timeline, TimelineItem } from '../../client/index.ts';
import { discardSend, retrySend } from '../actions/history.ts';
import { problemText } from '../actions/problems.ts';
import { exactly, timeOf, when } from '../lib/dates.ts';
import { plainLine } from '../lib/markdown.ts';
import { navigate, paths } from '../lib/router.ts';
import { myId, nameOf } from '../state/client.ts';
import { editing } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { Markdown } from './markdown.tsx';
import { MessageEditor } from './message-editor.tsx';
import { Toolbar, openSheet } from './message-actions.tsx';
import { openPerson } from './person-card.tsx';
import { Reactions } from './reactions.tsx';
import { useGestures } from './gestures.ts';
import { systemText } from './system.tsx';
import { Ticks } from './ticks.tsx';

export interface MessageRowProps {
  item: TimelineItem;
  head: boolean;
  run: Timeline;
}

export function MessageRow({ item, head, run }: MessageRowProps) {
  if (item.message?.kind === 'system') return <SystemRow item={item} message={item.message} />;
  return item.message ? <StoredRow item={item} message={item.message} head={head} run={run} /> : <PendingRow item={item} entry={item.entry} head={head} run={run} />;
}

function SystemRow({ item, message }: { item: TimelineItem; message: Message }) {
  const time = Date.parse(message.time);
  return (
    <article class="message system" data-key={item.key} data-seq={message.seq} tabIndex={-1}>
      <p dir="auto">
        {systemText(message)} <time class="stamp tabular" title={exactly(time)}>{timeOf(time)}</time>
      </p>
    </article>
  );
}

function Head({ sender, time }: { sender: string; time: number }) {
  return (
    <header class="message-head">
      <button type="button" class="sender" tabIndex={-1} dir="auto" onClick={(event) => openPerson(sender, event.currentTarget)}>
        {nameOf(sender)}
      </button>
      <time class="stamp tabular" title={exactly(time)}>
        {timeOf(time)}
      </time>
    </header>
  );
}

function Gutter({ sender, head, time }: { sender: string; head: boolean; time: number }) {
  if (!head) {
    return (
      <div class="gutter">
        <time class="stamp tabular" title={exactly(time)} aria-hidden="true">
          {timeOf(time).replace(/\s?[AP]M$/i, '')}
        </time>
      </div>
    );
  }
  return (
    <div class="gutter">
      <button type="button" class="sender-avatar" tabIndex={-1} aria-hidden="true" onClick={(event) => openPerson(sender, event.currentTarget)}>
        <Avatar id={sender} name={nameOf(sender)} />
      </button>
    </div>
  );
}

function Quote({ run, seq }: { run: Timeline; seq: number }) {
  const quoted = run.quote(seq).value;
  const text = quoted === undefined ? t.message.replyUnknown : !quoted || quoted.deleted ? t.message.replyGone : plainLine(quoted.body);
  return (
    <button type="button" class="quote" title={t.message.replyJump} onClick={() => navigate(paths.message(run.conversation, seq))}>
      <Icon icon={CornerUpLeft} size={14} />
      {quoted && !quoted.deleted && (
        <span class="quote-name" dir="auto">
          {nameOf(quoted.sender)}
        </span>
      )}
      <span class={`one-line${!quoted || quoted.deleted ? ' gone' : ''}`} dir="auto">
        {text}
      </span>
    </button>
  );
}

function Body({ message }: { message: Message }) {
  if (message.deleted) return <p class="deleted">{t.message.deleted}</p>;
  const edited = message.edited ? Date.parse(message.edited) : null;
  return (
    <>
      <Markdown body={message.body} mentions={message.mentions} />
      {edited !== null && (
        <span class="edited" title={t.message.editedAt(exactly(edited))}>
          {t.message.edited}
        </span>
      )}
    </>
  );
}

function StoredRow({ item, message, head, run }: { item: TimelineItem; message: Message; head: boolean; run: Timeline }) {
  const row = useRef<HTMLElement>(null);
  const active = useSignal(false);
  const held = useSignal(false);
  const isEdited = useComputed(() => editing.value?.seq === message.seq && editing.value.conversation === message.conversation);
  useGestures(row, message);
  const time = Date.parse(message.time);
  const named = message.mentions.includes(myId()) && message.sender !== myId();
  const leave = (event: FocusEvent) => {
    if (!row.current?.contains(event.relatedTarget as Node | null)) active.value = row.current?.matches(':hover') ?? false;
  };
  return (
    <article
      class={`message${head ? ' head' : ''}${named ? ' named' : ''}${isEdited.value ? ' being-edited' : ''}${held.value ? ' held' : ''}`}
      ref={row}
      data-key={item.key}
      data-seq={message.seq}
      tabIndex={-1}
      aria-label={`${nameOf(message.sender)}, ${when(time)}`}
      onPointerEnter={(event) => event.pointerType === 'mouse' && (active.value = true)}
      onPointerLeave={() => (active.value = row.current?.contains(document.activeElement) ?? false)}
      onFocusIn={() => (active.value = true)}
      onFocusOut={leave}
    >
      <Gutter sender={message.sender} head={head} time={time} />
      <div class="message-main">
        {head && <Head sender={message.sender} time={time} />}
        {message.reply_to !== null && !message.deleted && <Quote run={run} seq={message.reply_to} />}
        {isEdited.value ? <MessageEditor message={message} /> : <Body message={message} />}
        {message.pinned && !message.deleted && (
          <span class="pinned">
            <Icon icon={Pin} size={13} />
            {t.message.pinned}
          </span>
        )}
        {!message.deleted && <Reactions message={message} />}
      </div>
      <Ticks item={item} run={run} />
      {(active.value || held.value) && !message.deleted && !isEdited.value && <Toolbar message={message} onOpen={(open) => (held.value = open)} />}
    </article>
  );
}

function PendingRow({ item, entry, head, run }: { item: TimelineItem; entry: OutboxEntry; head: boolean; run: Timeline }) {
  const failed = entry.state === 'failed';
  return (
    <article class={`message pending${head ? ' head' : ''}${failed ? ' failed' : ''}`} data-key={item.key} tabIndex={-1}>
      <Gutter sender={myId()} head={head} time={entry.created} />
      <div class="message-main">
        {head && <Head sender={myId()} time={entry.created} />}
        {entry.reply_to !== null && <Quote run={run} seq={entry.reply_to} />}
        <Markdown body={entry.body} mentions={entry.mentions} />
        {failed && (
          <p class="not-sent" role="alert">
            <span>
              {t.message.failed}
              {entry.problem ? `: ${problemText(entry.problem)}` : ''}
            </span>
            <button type="button" class="link-button" onClick={() => void retrySend(entry.ref)}>
              {t.message.again}
            </button>
            <span aria-hidden="true">·</span>
            <button type="button" class="link-button danger" onClick={() => void discardSend(entry.ref)}>
              {t.message.discard}
            </button>
          </p>
        )}
      </div>
      <Ticks item={item} run={run} />
    </article>
  );
}

export { openSheet };
