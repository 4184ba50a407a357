// SPDX-License-Identifier: Apache-2.0
//
// Log in: as a page, and as a dialog over the kept screen when a session ended.

import { useState } from 'preact/hooks';
import { logIn, logInAgain } from '../actions/login.ts';
import { paths } from '../lib/router.ts';
import { client } from '../state/client.ts';
import { t } from '../strings/index.ts';
import { checkGiven, refusedLogin } from './checks.ts';
import { Dialog } from './dialog.tsx';
import { Forgot, Gate, ProblemBox } from './gate.tsx';
import { Field, PasswordField } from './password-field.tsx';
import { useForm } from './use-form.ts';

export function LoginPage() {
  const form = useForm();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    void form.check(checkGiven(login, password), () => logIn(login, password), refusedLogin);
  };
  return (
    <Gate title={t.login.title}>
      <form class="gate-form" onSubmit={submit} noValidate>
        <Field label={t.login.name} name="login" value={login} onInput={setLogin} problem={form.problems.login} autocomplete="username" autofocus plainLetters />
        <PasswordField label={t.login.password} name="password" value={password} onInput={setPassword} problem={form.problems.password} autocomplete="current-password" />
        <ProblemBox text={form.problems.form} />
        <button class="button primary" disabled={form.busy}>
          {form.busy ? t.login.busy : t.login.submit}
        </button>
      </form>
      <Forgot answer={t.login.forgotAnswer} />
      <p class="gate-foot">
        {t.login.noAccount} <a href={paths.register}>{t.login.create}</a>
      </p>
    </Gate>
  );
}

/** Over the kept screen: the same account goes on where it was. */
export function LoginAgain() {
  const form = useForm();
  const account = client.account.value;
  const [other, setOther] = useState(!account);
  const [login, setLogin] = useState(account?.login ?? '');
  const [password, setPassword] = useState('');
  const submit = () => void form.check(checkGiven(login, password), () => logInAgain(login, password), refusedLogin);
  const foot = (
    <button class="button primary" disabled={form.busy}>
      {form.busy ? t.login.busy : t.login.submit}
    </button>
  );
  return (
    <Dialog title={t.login.expiredTitle} firm onClose={() => {}} onSubmit={submit} foot={foot} class="login-again">
      <p class="muted">{t.login.expired}</p>
      {other ? (
        <Field label={t.login.name} name="login" value={login} onInput={setLogin} problem={form.problems.login} autocomplete="username" plainLetters />
      ) : (
        <>
          <input type="text" name="login" value={login} autocomplete="username" hidden readOnly />
          <p>
            <strong dir="auto">{account?.display_name}</strong> <span class="muted">@{login}</span>
          </p>
        </>
      )}
      <PasswordField label={t.login.password} name="password" value={password} onInput={setPassword} problem={form.problems.password} autofocus />
      <ProblemBox text={form.problems.form} />
      <Forgot answer={t.login.forgotAnswer} />
      {!other && (
        <button type="button" class="link-button small" onClick={() => { setOther(true); setLogin(''); }}>
          {t.login.other}
        </button>
      )}
      {other && account && <p class="muted small">{t.login.otherAsk(client.outbox.value.length)}</p>}
    </Dialog>
  );
}
