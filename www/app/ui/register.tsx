// SPDX-License-Identifier: Apache-2.0
//
// Register an account, also by an invitation's link.

import { useState } from 'preact/hooks';
import { Problem } from '../../client/index.ts';
import { register } from '../actions/login.ts';
import { problemText } from '../actions/problems.ts';
import { paths } from '../lib/router.ts';
import { t } from '../strings/index.ts';
import { checkLength, checkLogin } from './checks.ts';
import { Gate, ProblemBox } from './gate.tsx';
import { Field, PasswordField } from './password-field.tsx';
import { type Problems, useForm } from './use-form.ts';

export const passwordLeast = 10;

function check(login: string, displayName: string, password: string): Problems {
  const long = new TextEncoder().encode(password).length >= passwordLeast;
  return {
    ...checkLength('displayName', displayName, 80, t.register.nameBad),
    ...checkLogin(login),
    ...(long ? {} : { password: t.register.passwordShort(passwordLeast) }),
  };
}

function explain(invited: boolean): (error: unknown) => Problems {
  return (error) => {
    if (!(error instanceof Problem)) return { form: problemText(error) };
    if (error.status === 409 || error.name === 'login_taken') return { login: t.register.loginTaken };
    if (error.status === 403) return { form: error.name === 'registration_closed' ? t.register.closed : invited ? t.register.inviteBad : t.register.inviteNeeded };
    if (error.status === 404 && invited) return { form: t.register.inviteBad };
    return { form: problemText(error) };
  };
}

export function RegisterPage({ invite }: { invite?: string | undefined }) {
  const form = useForm();
  const [login, setLogin] = useState('');
  const [displayName, setDisplayName] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    const work = () => register({ login, displayName, password, ...(invite ? { invite } : {}) });
    void form.check(check(login, displayName, password), work, explain(!!invite));
  };
  return (
    <Gate title={t.register.title} {...(invite ? { about: t.register.invited } : {})}>
      <form class="gate-form" onSubmit={submit} noValidate>
        <Field
          label={t.register.displayName}
          name="display_name"
          value={displayName}
          onInput={setDisplayName}
          hint={t.register.displayNameHint}
          problem={form.problems.displayName}
          autocomplete="name"
          autofocus
        />
        <Field
          label={t.login.name}
          name="login"
          value={login}
          onInput={setLogin}
          hint={t.register.loginHint}
          problem={form.problems.login}
          autocomplete="username"
          plainLetters
        />
        <PasswordField
          label={t.login.password}
          name="password"
          value={password}
          onInput={setPassword}
          hint={t.register.passwordHint(passwordLeast)}
          problem={form.problems.password}
          autocomplete="new-password"
        />
        <ProblemBox text={form.problems.form} />
        <button class="button primary" disabled={form.busy}>
          {form.busy ? t.register.busy : t.register.submit}
        </button>
      </form>
      <p class="gate-foot">
        {t.register.have} <a href={paths.login}>{t.login.submit}</a>
      </p>
    </Gate>
  );
}
