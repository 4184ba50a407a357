// SPDX-License-Identifier: Apache-2.0
//
// Asks before something dangerous: says what will happen, and wants the login name typed.

import { useState } from 'preact/hooks';
import { closeDialog, openDialog } from '../../app/state/screen.ts';
import { t as app } from '../../app/strings/index.ts';
import { Dialog } from '../../app/ui/dialog.tsx';
import { ProblemBox } from '../../app/ui/gate.tsx';
import { Field } from '../../app/ui/password-field.tsx';
import { useForm } from '../../app/ui/use-form.ts';
import { t } from '../strings.ts';

export interface Question {
  title: string;
  about: string;
  /** What the button says that does it. */
  yes: string;
  /** What must be typed; '' = a click is enough. */
  typed: string;
  danger: boolean;
  /** Does it; may open another dialog in place of this one by returning what to do then. */
  run: () => Promise<(() => void) | void>;
}

function Confirm({ title, about, yes, typed, danger, run }: Question) {
  const form = useForm();
  const [text, setText] = useState('');
  const ready = typed === '' || text.trim() === typed;
  const submit = async () => {
    const then: ((() => void) | void)[] = [];
    if (!ready || !(await form.run(async () => then.push(await run())))) return;
    closeDialog();
    then[0]?.();
  };
  const foot = (
    <>
      <button type="button" class="button" onClick={closeDialog}>
        {app.cancel}
      </button>
      <button class={`button ${danger ? 'danger' : 'primary'}`} disabled={form.busy || !ready}>
        {yes}
      </button>
    </>
  );
  return (
    <Dialog title={title} onClose={closeDialog} onSubmit={() => void submit()} foot={foot}>
      <p>{about}</p>
      {typed && <Field label={t.manage.type(typed)} name="confirm" value={text} onInput={setText} autofocus plainLetters />}
      <ProblemBox text={form.problems.form} />
    </Dialog>
  );
}

export function confirm(question: Question): void {
  openDialog(() => <Confirm {...question} />);
}
