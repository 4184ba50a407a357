// SPDX-License-Identifier: Apache-2.0
//
// Sets a short status text with an emoji.

import { useState } from 'preact/hooks';
import { setStatusText } from '../actions/live.ts';
import { client } from '../state/client.ts';
import { closeDialog } from '../state/screen.ts';
import { ownState } from '../state/status.ts';
import { t } from '../strings/index.ts';
import { Dialog } from './dialog.tsx';
import { Field } from './password-field.tsx';

const suggestions = ['💬', '🎧', '🍽️', '🤒', '🌴', '🏠', '🚆', '🎯'];

export function StatusDialog() {
  const me = client.account.peek()!.id;
  const now = client.presence(me).peek();
  const [text, setText] = useState(now?.text ?? '');
  const [emoji, setEmoji] = useState(now?.emoji ?? '💬');
  const save = (keep: boolean) => {
    setStatusText(ownState.peek(), keep && text.trim() ? emoji : '', keep ? text : '');
    closeDialog();
  };
  const foot = (
    <>
      {now?.text && (
        <button type="button" class="button quiet" onClick={() => save(false)}>
          {t.status.clear}
        </button>
      )}
      <button class="button primary">{t.status.set}</button>
    </>
  );
  return (
    <Dialog title={t.status.title} onClose={closeDialog} onSubmit={() => save(true)} foot={foot}>
      <Field label={t.status.text} name="status" value={text} onInput={setText} maxLength={100} autofocus />
      <div class="emoji-row" role="group" aria-label={t.status.emoji}>
        {suggestions.map((one) => (
          <button type="button" key={one} class="emoji-button" aria-pressed={one === emoji} onClick={() => setEmoji(one)}>
            {one}
          </button>
        ))}
      </div>
    </Dialog>
  );
}
