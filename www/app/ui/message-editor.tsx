// SPDX-License-Identifier: Apache-2.0
//
// Edits a message in its place. Enter saves, Esc gives up.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Message } from '../../client/index.ts';
import { focusComposer } from '../actions/compose.ts';
import { saveEdit } from '../actions/history.ts';
import { fitHeight } from '../lib/editing.ts';
import { onPaste } from '../lib/paste.ts';
import { enterSends } from '../state/prefs.ts';
import { editing } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { formatKey } from './format-bar.tsx';

/** The timeline settles by itself first; then what is still out of view comes into it. */
const settleMs = 60;

export function MessageEditor({ message }: { message: Message }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const [busy, setBusy] = useState(false);
  useLayoutEffect(() => {
    const element = field.current!;
    fitHeight(element);
    element.focus({ preventScroll: true });
    element.setSelectionRange(element.value.length, element.value.length);
    const timer = setTimeout(() => element.closest('.message')?.scrollIntoView({ block: 'nearest' }), settleMs);
    return () => clearTimeout(timer);
  }, []);
  const stop = () => {
    editing.value = null;
    focusComposer();
  };
  const save = async () => {
    const body = field.current!.value.trim();
    if (!body || busy) return;
    setBusy(true);
    const done = await saveEdit(message, body);
    setBusy(false);
    if (done) focusComposer();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.isComposing || formatKey(event, field.current!)) return;
    if (event.key === 'Escape') {
      event.preventDefault();
      stop();
    } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey || enterSends.peek() !== event.shiftKey)) {
      event.preventDefault();
      void save();
    }
  };
  return (
    <div class="message-editor">
      <textarea
        ref={field}
        class="input"
        dir="auto"
        rows={1}
        aria-label={t.message.editLabel}
        defaultValue={message.body}
        onInput={() => fitHeight(field.current!)}
        onKeyDown={onKeyDown}
        onPaste={onPaste}
      />
      <div class="message-editor-foot">
        <span class="small muted only-desk">{t.message.editHint}</span>
        <span class="grow" />
        <button type="button" class="button slim" onClick={stop}>
          {t.cancel}
        </button>
        <button type="button" class="button slim primary" disabled={busy} onClick={() => void save()}>
          {t.save}
        </button>
      </div>
    </div>
  );
}
