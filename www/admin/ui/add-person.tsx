// SPDX-License-Identifier: Apache-2.0
//
// A new account with a temporary password, made by the server and shown once.

import { useState } from 'preact/hooks';
import { problemText } from '../../app/actions/problems.ts';
import { closeDialog } from '../../app/state/screen.ts';
import { t as app } from '../../app/strings/index.ts';
import { checkLength, checkLogin } from '../../app/ui/checks.ts';
import { Dialog } from '../../app/ui/dialog.tsx';
import { ProblemBox } from '../../app/ui/gate.tsx';
import { Field } from '../../app/ui/password-field.tsx';
import { useForm } from '../../app/ui/use-form.ts';
import { Problem, api } from '../api.ts';
import { t } from '../strings.ts';
import { showSecret } from './secret.tsx';

export function AddPerson({ onAdded }: { onAdded: () => void }) {
  const form = useForm();
  const [login, setLogin] = useState('');
  const [name, setName] = useState('');
  const [admin, setAdmin] = useState(false);
  const explain = (error: unknown) =>
    error instanceof Problem && error.name === 'login_taken' ? { login: t.add.taken } : { form: problemText(error) };
  const submit = async () => {
    let password = '';
    const work = async () => {
      ({ password } = await api.addPerson({ login: login.trim(), display_name: name.trim(), admin }));
    };
    const wrong = { ...checkLogin(login), ...checkLength('name', name, 80, app.register.nameBad) };
    if (!(await form.check(wrong, work, explain))) return;
    onAdded();
    showSecret(t.secret.title(name.trim()), t.secret.about, password);
  };
  const foot = (
    <>
      <button type="button" class="button" onClick={closeDialog}>
        {app.cancel}
      </button>
      <button class="button primary" disabled={form.busy}>
        {t.add.submit}
      </button>
    </>
  );
  return (
    <Dialog title={t.add.title} onClose={closeDialog} onSubmit={() => void submit()} foot={foot}>
      <div class="stack">
        <Field label={t.add.login} name="login" value={login} onInput={setLogin} hint={t.add.loginHint} problem={form.problems.login} autofocus plainLetters />
        <Field label={t.add.name} name="display_name" value={name} onInput={setName} problem={form.problems.name} />
        <label class="setting">
          <input type="checkbox" checked={admin} onChange={(event) => setAdmin(event.currentTarget.checked)} />
          <span>{t.add.admin}</span>
        </label>
        <ProblemBox text={form.problems.form} />
      </div>
    </Dialog>
  );
}
