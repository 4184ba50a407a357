// SPDX-License-Identifier: Apache-2.0
//
// Choosing a new password: a part of the account page, and the page that one
// cannot pass while somebody else knows the password.

import { useState } from 'preact/hooks';
import { Problem } from '../../client/index.ts';
import { changePassword } from '../actions/login.ts';
import { attempt, problemText } from '../actions/problems.ts';
import { client } from '../state/client.ts';
import { toast } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Gate, ProblemBox } from './gate.tsx';
import { PasswordField } from './password-field.tsx';
import { passwordLeast } from './register.tsx';
import { type Problems, useForm } from './use-form.ts';

function check(current: string, next: string, again: string): Problems {
  if (!current) return { current: t.password.currentMissing };
  if (new TextEncoder().encode(next).length < passwordLeast) return { next: t.register.passwordShort(passwordLeast) };
  if (next === current) return { next: t.password.same };
  return next === again ? {} : { again: t.password.differ };
}

function explain(error: unknown): Problems {
  const wrong = error instanceof Problem && error.status === 403;
  return wrong ? { current: t.password.wrong } : { form: problemText(error) };
}

export function PasswordForm() {
  const form = useForm();
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    if (!(await form.check(check(current, next, again), () => changePassword(current, next), explain))) return;
    setCurrent('');
    setNext('');
    setAgain('');
    toast(t.password.changed);
  };
  return (
    <form class="gate-form" onSubmit={submit} noValidate>
      <input type="text" name="username" autocomplete="username" value={client.account.value?.login ?? ''} hidden readOnly />
      <PasswordField label={t.password.current} name="current" value={current} onInput={setCurrent} problem={form.problems.current} autofocus />
      <PasswordField
        label={t.password.next}
        name="new"
        value={next}
        onInput={setNext}
        hint={t.register.passwordHint(passwordLeast)}
        problem={form.problems.next}
        autocomplete="new-password"
      />
      <PasswordField label={t.password.again} name="again" value={again} onInput={setAgain} problem={form.problems.again} autocomplete="new-password" />
      <ProblemBox text={form.problems.form} />
      <button class="button primary" disabled={form.busy}>
        {form.busy ? t.password.busy : t.password.submit}
      </button>
    </form>
  );
}

export function PasswordPage() {
  return (
    <Gate title={t.password.title} about={t.password.forced}>
      <PasswordForm />
      <p class="gate-foot">
        <button type="button" class="link-button" onClick={() => void attempt(() => client.logout())}>
          {t.account.logOut}
        </button>
      </p>
    </Gate>
  );
}
