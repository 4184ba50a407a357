// SPDX-License-Identifier: Apache-2.0
//
// Asks before logging out; says what would be lost.

import { logOut } from '../actions/login.ts';
import { client } from '../state/client.ts';
import { closeDialog } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './gate.tsx';
import { useForm } from './use-form.ts';

export function LogOutDialog() {
  const form = useForm();
  const { entries, drafts } = client.unsent();
  const losing = entries + drafts > 0;
  const submit = async () => {
    if (await form.run(logOut)) closeDialog();
  };
  const foot = (
    <>
      <button type="button" class="button" onClick={closeDialog}>
        {t.cancel}
      </button>
      <button class={`button ${losing ? 'danger' : 'primary'}`} disabled={form.busy} data-autofocus>
        {losing ? t.account.logOutAnyway : t.account.logOut}
      </button>
    </>
  );
  return (
    <Dialog title={t.account.logOutTitle} onClose={closeDialog} onSubmit={() => void submit()} foot={foot}>
      <p>{losing ? t.account.logOutDiscard(entries, drafts) : t.account.logOutAbout}</p>
      <ProblemBox text={form.problems.form} />
    </Dialog>
  );
}
