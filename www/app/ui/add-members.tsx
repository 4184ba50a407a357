// SPDX-License-Identifier: Apache-2.0
//
// Adds people to a group.

import { useState } from 'preact/hooks';
import type { Account, Conversation, Members } from '../../client/index.ts';
import { addMembers } from '../actions/groups.ts';
import { titleOf } from '../state/client.ts';
import { closeDialog } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './gate.tsx';
import { PeoplePicker } from './people-picker.tsx';
import { useForm } from './use-form.ts';

export function AddMembersDialog({ conversation, members }: { conversation: Conversation; members: Members }) {
  const form = useForm();
  const [chosen, setChosen] = useState<Account[]>([]);
  const taken = new Set(members.list.value.map((member) => member.account));
  const submit = async () => {
    if (chosen.length === 0) return;
    if (await form.run(() => addMembers(conversation.id, chosen.map((person) => person.id)))) closeDialog();
  };
  const foot = (
    <button class="button primary" disabled={form.busy || chosen.length === 0}>
      {t.members.addButton(chosen.length)}
    </button>
  );
  return (
    <Dialog title={t.members.addTitle(titleOf(conversation))} onClose={closeDialog} onSubmit={() => void submit()} foot={foot}>
      <PeoplePicker chosen={chosen} onChange={setChosen} taken={taken} label={t.groups.members} autofocus />
      <ProblemBox text={form.problems.form} />
    </Dialog>
  );
}
