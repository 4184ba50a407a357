// SPDX-License-Identifier: Apache-2.0
//
// Makes a group.

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Account, Visibility } from '../../client/index.ts';
import { createGroup } from '../actions/groups.ts';
import { t } from '../strings/index.ts';
import { checkLength } from './checks.ts';
import { ProblemBox } from './gate.tsx';
import { Page } from './page.tsx';
import { Field } from './password-field.tsx';
import { PeoplePicker } from './people-picker.tsx';
import { useForm } from './use-form.ts';

export function NewGroupPage() {
  const form = useForm();
  const box = useRef<HTMLFormElement>(null);
  const [title, setTitle] = useState('');
  const [members, setMembers] = useState<Account[]>([]);
  const [visibility, setVisibility] = useState<Visibility>('private');
  useLayoutEffect(() => box.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus(), []);
  const submit = (event: Event) => {
    event.preventDefault();
    const text = title.trim();
    void form.check(checkLength('title', text, 120, t.groups.titleBad), () => createGroup(text, members.map((person) => person.id), visibility));
  };
  return (
    <Page title={t.groups.newTitle}>
      <form class="stack" ref={box} onSubmit={submit} noValidate>
        <Field label={t.groups.title} name="title" value={title} onInput={setTitle} hint={t.groups.titleHint} problem={form.problems.title} autofocus />
        <fieldset class="choices side-by-side">
          <legend class="label">{t.groups.visibility}</legend>
          {(['private', 'public'] as const).map((one) => (
            <label class="choice" key={one}>
              <input type="radio" name="visibility" checked={visibility === one} onChange={() => setVisibility(one)} />
              <span>
                {t.groups[one]}
                <span class="about">{one === 'private' ? t.groups.privateAbout : t.groups.publicAbout}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <PeoplePicker chosen={members} onChange={setMembers} label={t.groups.members} hint={t.groups.membersHint} />
        <ProblemBox text={form.problems.form} />
        <div class="actions">
          <button class="button primary" disabled={form.busy}>
            {form.busy ? t.groups.creating : t.groups.create}
          </button>
        </div>
      </form>
    </Page>
  );
}
