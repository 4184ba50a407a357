// SPDX-License-Identifier: Apache-2.0
//
// What can be done with one account. Whatever takes something away asks first.

import { useState } from 'preact/hooks';
import { KeyRound, ShieldCheck, ShieldOff, UserCheck, UserX } from 'lucide';
import type { IconNode } from 'lucide';
import { problemText } from '../../app/actions/problems.ts';
import { closeDialog, toast } from '../../app/state/screen.ts';
import { Dialog } from '../../app/ui/dialog.tsx';
import { Icon } from '../../app/ui/icon.tsx';
import { Field } from '../../app/ui/password-field.tsx';
import { useForm } from '../../app/ui/use-form.ts';
import { type Person, api } from '../api.ts';
import { me } from '../state.ts';
import { t } from '../strings.ts';
import { confirm } from './confirm.tsx';
import { showSecret } from './secret.tsx';
import { Tags, Who } from './who.tsx';

interface Act {
  icon: IconNode;
  label: string;
  about: string;
  danger: boolean;
  run: () => Promise<(() => void) | void>;
}

function actsOn(person: Person, onChange: (person: Person) => void): Act[] {
  const name = person.display_name;
  const change = (label: string, body: { admin?: boolean; deactivated?: boolean }) => async () => {
    onChange((await api.changePerson(person.id, body)).account);
    toast(t.manage.done(label, name));
  };
  const password = async () => {
    const { password: text } = await api.setPassword(person.id);
    onChange({ ...person, must_change_password: true, sessions: 0 });
    return () => showSecret(t.secret.title(name), t.secret.about, text);
  };
  const acts: Act[] = [];
  const add = (when: boolean, act: Act) => when && acts.push(act);
  add(person.id !== me.value?.id && !person.deactivated, { icon: KeyRound, label: t.manage.password, about: t.manage.passwordAsk(name), danger: true, run: password });
  add(!person.admin && !person.deactivated, { icon: ShieldCheck, label: t.manage.grant, about: t.manage.grantAsk(name), danger: true, run: change(t.manage.grant, { admin: true }) });
  add(person.admin, { icon: ShieldOff, label: t.manage.withdraw, about: t.manage.withdrawAsk(name), danger: true, run: change(t.manage.withdraw, { admin: false }) });
  add(!person.deactivated, { icon: UserX, label: t.manage.deactivate, about: t.manage.deactivateAsk(name), danger: true, run: change(t.manage.deactivate, { deactivated: true }) });
  add(person.deactivated, { icon: UserCheck, label: t.manage.reactivate, about: t.manage.reactivateAsk(name), danger: false, run: change(t.manage.reactivate, { deactivated: false }) });
  return acts;
}

export function ManagePerson({ person, onChange }: { person: Person; onChange: (person: Person) => void }) {
  const form = useForm();
  const [name, setName] = useState(person.display_name);
  const submit = async () => {
    const rename = async () => onChange((await api.changePerson(person.id, { display_name: name.trim() })).account);
    if (!(await form.run(rename, (error) => ({ name: problemText(error) })))) return;
    toast(t.manage.saved);
    closeDialog();
  };
  return (
    <Dialog title={t.manage.title} onClose={closeDialog} onSubmit={() => void submit()}>
      <div class="stack">
        <div class="who-card">
          <Who person={person} size={44} />
          <Tags person={person} />
        </div>
        <div class="inline-form">
          <div class="grow">
            <Field label={t.manage.rename} name="display_name" value={name} onInput={setName} maxLength={80} problem={form.problems.name} />
          </div>
          <button class="button" disabled={form.busy || !name.trim() || name.trim() === person.display_name}>
            {t.manage.save}
          </button>
        </div>
        <div class="acts">
          {actsOn(person, onChange).map(({ icon, label, about, danger, run }) => (
            <button key={label} type="button" class="act" onClick={() => confirm({ title: t.manage.done(label, person.display_name), yes: label, about, typed: danger ? person.login : '', danger, run })}>
              <Icon icon={icon} />
              {label}
            </button>
          ))}
        </div>
        {person.id === me.value?.id && <p class="small muted">{t.manage.self}</p>}
      </div>
    </Dialog>
  );
}
