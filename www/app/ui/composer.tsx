// SPDX-License-Identifier: Apache-2.0
//
// Where messages are written. The text is the draft: it is stored at each key
// press and comes back after a reload, on whichever device. The field itself
// holds the text while it is typed in.

import { useSignalEffect } from '@preact/signals';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { CornerUpLeft, SendHorizontal, Type, X } from 'lucide';
import type { Conversation, Members, Message, Timeline } from '../../client/index.ts';
import { cancelReply } from '../actions/compose.ts';
import { mentionsIn, sendMessage } from '../actions/history.ts';
import { attempt } from '../actions/problems.ts';
import { fitHeight } from '../lib/editing.ts';
import { onPaste } from '../lib/paste.ts';
import { plainLine } from '../lib/markdown.ts';
import { client, myId, nameOf, titleOf } from '../state/client.ts';
import { enterSends, showFormatting } from '../state/prefs.ts';
import { dialog, editing, isPhone, quickOpen } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { CompletionList, knownMembers, useCompletion } from './completion.tsx';
import { FormatBar, formatKey } from './format-bar.tsx';
import { Icon } from './icon.tsx';
import { TypingLine } from './typing-line.tsx';

const mostChars = 16_000;
const mostTitle = 32;

function lengthOf(text: string): number {
  return text.length <= mostChars ? text.length : [...text].length;
}

/** A field cuts a long placeholder off without a mark. */
function shorten(title: string): string {
  const letters = [...title];
  return letters.length > mostTitle ? `${letters.slice(0, mostTitle - 1).join('').trimEnd()}…` : title;
}

/** Logins of everybody who can be mentioned here. */
function logins(members: Members): Map<string, string> {
  return new Map(knownMembers(members).map((person) => [person.login.toLowerCase(), person.id]));
}

/** The newest message of one's own that can be edited. */
function lastOwn(run: Timeline): Message | undefined {
  const items = run.items.peek();
  for (let index = items.length - 1; index >= 0; index -= 1) {
    const message = items[index]!.message;
    if (message && message.sender === myId() && message.kind === 'text' && !message.deleted) return message;
  }
  return undefined;
}

/** Keeps the field and the draft the same, whoever changed it. */
function useDraft(id: string, field: { current: HTMLTextAreaElement | null }, onText: (text: string) => void): void {
  useSignalEffect(() => {
    const { text } = client.draft(id).value;
    const element = field.current;
    if (!element || element.value === text) return;
    if (document.activeElement === element && element.value && text) return;
    element.value = text;
    fitHeight(element);
    onText(text);
  });
}

function sendsOn(event: KeyboardEvent): boolean {
  if (event.key !== 'Enter' || event.isComposing || event.altKey) return false;
  if (event.ctrlKey || event.metaKey) return true;
  if (isPhone.peek() && matchMedia('(pointer: coarse)').matches) return false;
  return enterSends.peek() ? !event.shiftKey : event.shiftKey;
}

/** Enter inside a code block makes a line, as everybody expects there. */
function inCodeBlock(field: HTMLTextAreaElement): boolean {
  return (field.value.slice(0, field.selectionStart).match(/^```/gm)?.length ?? 0) % 2 === 1;
}

function ReplyChip({ id, run }: { id: string; run: Timeline }) {
  const seq = client.draft(id).value.reply_to;
  if (seq === null) return null;
  const quoted = run.quote(seq).value;
  return (
    <div class="reply-chip">
      <Icon icon={CornerUpLeft} size={14} />
      <span class="one-line grow" dir="auto">
        <strong>{quoted ? t.composer.replyingTo(nameOf(quoted.sender)) : t.message.reply}</strong> {quoted && plainLine(quoted.body)}
      </span>
      <button type="button" class="icon-button" aria-label={t.composer.cancelReply} title={t.composer.cancelReply} onClick={() => cancelReply(id)}>
        <Icon icon={X} size={16} />
      </button>
    </div>
  );
}

function Left({ length }: { length: number }) {
  if (length < mostChars - 500) return null;
  const over = length - mostChars;
  return (
    <span class={`small tabular ${over > 0 ? 'problem' : 'muted'}`} role={over > 0 ? 'alert' : undefined}>
      {over > 0 ? t.composer.tooLong(over) : t.composer.left(-over)}
    </span>
  );
}

/** Typing anywhere, with nothing else focused, goes into the field. */
function useTypeAnywhere(field: { current: HTMLTextAreaElement | null }): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key.length !== 1 || event.ctrlKey || event.metaKey || event.altKey || event.key === ' ') return;
      if (dialog.peek() || quickOpen.peek() || client.phase.peek() !== 'in') return;
      const on = document.activeElement;
      if (on && on !== document.body && !on.matches('.timeline, .message')) return;
      field.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

export interface ComposerProps {
  conversation: Conversation;
  run: Timeline;
  members: Members;
}

export function Composer({ conversation, run, members }: ComposerProps) {
  const { id } = conversation;
  const field = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const [length, setLength] = useState(() => client.draft(id).peek().text.length);
  const completion = useCompletion(members);
  const initial = useMemo(() => client.draft(id).peek().text, [id]);
  const onText = (text: string) => setLength(text.trim() ? lengthOf(text) : 0);
  useDraft(id, field, onText);
  useTypeAnywhere(field);
  useLayoutEffect(() => {
    const element = field.current!;
    element.value = initial;
    fitHeight(element);
    if (!isPhone.peek()) {
      element.focus({ preventScroll: true });
      element.setSelectionRange(initial.length, initial.length);
    }
  }, [id]);

  const onInput = () => {
    const element = field.current!;
    const { reply_to } = client.draft(id).peek();
    fitHeight(element);
    onText(element.value);
    client.setDraft(id, element.value || reply_to !== null ? { text: element.value, reply_to } : null);
    client.setTyping(id, element.value.trim() !== '');
    completion.look(element);
  };
  const send = () => {
    const element = field.current!;
    const body = element.value.trim();
    if (!body || lengthOf(body) > mostChars) return;
    const { reply_to } = client.draft(id).peek();
    element.value = '';
    fitHeight(element);
    setLength(0);
    completion.close();
    void attempt(() => sendMessage(id, body, mentionsIn(body, logins(members)), reply_to));
    element.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const element = field.current!;
    if (event.isComposing || completion.key(event, element) || formatKey(event, element)) return;
    if (sendsOn(event) && !(inCodeBlock(element) && !event.ctrlKey && !event.metaKey)) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && element.value === '') {
      const message = lastOwn(run);
      if (!message) return;
      event.preventDefault();
      editing.value = { conversation: id, seq: message.seq };
    } else if (event.key === 'Escape') {
      if (client.draft(id).peek().reply_to !== null) cancelReply(id);
      else element.blur();
    }
  };
  const title = titleOf(conversation);
  const label = t.composer.label(title);
  return (
    <div class="composer">
      <div class="composer-box">
        <CompletionList completion={completion} field={field} id={listId} />
        <ReplyChip id={id} run={run} />
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          placeholder={t.composer.label(shorten(title))}
          aria-label={label}
          enterkeyhint={enterSends.value ? 'send' : 'enter'}
          aria-autocomplete="list"
          aria-controls={completion.open ? listId : undefined}
          aria-activedescendant={completion.open ? `${listId}-${completion.chosen}` : undefined}
          onInput={onInput}
          onKeyDown={onKeyDown}
          onPaste={onPaste}
          onClick={() => completion.look(field.current!)}
          onBlur={() => completion.close()}
        />
        <div class="composer-foot">
          <button
            type="button"
            class="icon-button"
            aria-pressed={showFormatting.value}
            aria-label={t.composer.formatting}
            title={t.composer.formatting}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => (showFormatting.value = !showFormatting.peek())}
          >
            <Icon icon={Type} size={16} />
          </button>
          {showFormatting.value && <FormatBar field={field} />}
          <span class="grow" />
          <Left length={length} />
          <button
            type="button"
            class="icon-button send"
            disabled={length === 0 || length > mostChars}
            aria-label={t.composer.send}
            title={enterSends.value ? t.composer.hintEnter : t.composer.hintShift}
            onMouseDown={(event) => event.preventDefault()}
            onClick={send}
          >
            <Icon icon={SendHorizontal} size={17} />
          </button>
        </div>
      </div>
      <TypingLine id={id} />
    </div>
  );
}
