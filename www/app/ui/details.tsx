// SPDX-License-Identifier: Apache-2.0
//
// A conversation's details: title, topic and visibility (for who may change
// them), one's own settings, and leaving.

import { useState } from 'preact/hooks';
import { LogOut, Star, StarOff } from 'lucide';
import type { Conversation, Visibility } from '../../client/index.ts';
import { leaveGroup, updateGroup, updateSettings } from '../actions/groups.ts';
import { attempt } from '../actions/problems.ts';
import { dayName, exactly } from '../lib/dates.ts';
import { myId, personOf, titleOf } from '../state/client.ts';
import { closeDialog, openDialog } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Problem } from '../../client/index.ts';
import { problemText } from '../actions/problems.ts';
import { Avatar } from './avatar.tsx';
import { checkLength } from './checks.ts';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './gate.tsx';
import { Icon } from './icon.tsx';
import { Field } from './password-field.tsx';
import { useForm } from './use-form.ts';

function EditDialog({ conversation, what }: { conversation: Conversation; what: 'title' | 'topic' }) {
  const form = useForm();
  const [value, setValue] = useState(conversation[what] ?? '');
  const title = what === 'title' ? t.details.rename : t.details.topic;
  const submit = async () => {
    const text = value.trim();
    const patch = what === 'title' ? { title: text } : { topic: text || null };
    const wrong = what === 'title' ? checkLength('value', text, 120, t.groups.titleBad) : {};
    if (await form.check(wrong, () => updateGroup(conversation.id, patch), (error) => ({ value: problemText(error) }))) closeDialog();
  };
  const foot = (
    <>
      <button type="button" class="button" onClick={closeDialog}>
        {t.cancel}
      </button>
      <button class="button primary" disabled={form.busy}>
        {t.save}
      </button>
    </>
  );
  return (
    <Dialog title={title} onClose={closeDialog} onSubmit={() => void submit()} foot={foot}>
      <Field label={title} name={what} value={value} onInput={setValue} problem={form.problems.value} autofocus maxLength={what === 'title' ? 160 : 500} />
    </Dialog>
  );
}

function LeaveDialog({ conversation }: { conversation: Conversation }) {
  const form = useForm();
  const title = titleOf(conversation);
  const explain = (error: unknown) => ({ form: error instanceof Problem && error.status === 409 ? t.details.lastOwner : problemText(error) });
  const submit = async () => {
    if (await form.run(() => leaveGroup(conversation.id, title), explain)) closeDialog();
  };
  const foot = (
    <>
      <button type="button" class="button" onClick={closeDialog}>
        {t.cancel}
      </button>
      <button class="button danger" disabled={form.busy} data-autofocus>
        {t.details.leave}
      </button>
    </>
  );
  return (
    <Dialog title={t.details.leaveTitle(title)} onClose={closeDialog} onSubmit={() => void submit()} foot={foot}>
      <p>{conversation.visibility === 'public' ? t.details.leavePublic : t.details.leavePrivate}</p>
      <ProblemBox text={form.problems.form} />
    </Dialog>
  );
}

function Line({ label, value, edit }: { label: string; value: string; edit?: (() => void) | false | undefined }) {
  return (
    <div class="detail">
      <dt>
        {label}
        {edit && (
          <button type="button" class="link-button" aria-label={`${t.details.edit}: ${label}`} onClick={edit}>
            {t.details.edit}
          </button>
        )}
      </dt>
      <dd dir="auto">{value}</dd>
    </div>
  );
}

function VisibilityChoice({ conversation }: { conversation: Conversation }) {
  const set = (visibility: Visibility) => void attempt(() => updateGroup(conversation.id, { visibility }));
  return (
    <fieldset class="choices">
      <legend class="label">{t.details.visibility}</legend>
      {(['private', 'public'] as const).map((one) => (
        <label class="choice" key={one}>
          <input type="radio" name="visibility" checked={conversation.visibility === one} onChange={() => set(one)} />
          <span>
            {t.groups[one]}
            <span class="about">{one === 'private' ? t.groups.privateAbout : t.groups.publicAbout}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

function Notify({ conversation }: { conversation: Conversation }) {
  const options = [
    ['all', t.details.notifyAll],
    ['mentions', t.details.notifyMentions],
    ['none', t.details.notifyNothing],
  ] as const;
  return (
    <div class="field">
      <label for="notify">{t.details.notify}</label>
      <select id="notify" class="input" value={conversation.notify} onChange={(event) => void updateSettings(conversation.id, { notify: event.currentTarget.value as 'all' | 'mentions' | 'none' })}>
        {options.map(([value, label]) => (
          <option key={value} value={value}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}

function Top({ conversation }: { conversation: Conversation }) {
  const group = conversation.kind === 'group';
  const peer = conversation.peer ?? myId();
  return (
    <div class="details-top">
      <Avatar id={group ? conversation.id : peer} name={titleOf(conversation)} size={72} group={group} />
      <strong dir="auto">{titleOf(conversation)}</strong>
      {!group && <span class="muted small">@{personOf(peer)?.login ?? '…'}</span>}
      <button type="button" class="button slim" onClick={() => void updateSettings(conversation.id, { favourite: !conversation.favourite })}>
        <Icon icon={conversation.favourite ? StarOff : Star} size={16} />
        {conversation.favourite ? t.details.unfavourite : t.details.favourite}
      </button>
    </div>
  );
}

export function DetailsPanel({ conversation }: { conversation: Conversation }) {
  const group = conversation.kind === 'group';
  const manages = group && (conversation.my_role === 'admin' || conversation.my_role === 'owner');
  const edit = (what: 'title' | 'topic') => manages && (() => openDialog(() => <EditDialog conversation={conversation} what={what} />));
  const created = conversation.created ? Date.parse(conversation.created) : null;
  return (
    <div class="details">
      <Top conversation={conversation} />
      {group && (
        <dl class="detail-list">
          <Line label={t.details.rename} value={conversation.title} edit={edit('title')} />
          <Line label={t.details.topic} value={conversation.topic || t.details.noTopic} edit={edit('topic')} />
          {conversation.my_role !== 'owner' && (
            <Line label={t.details.visibility} value={`${t.groups[conversation.visibility]}. ${conversation.visibility === 'private' ? t.groups.privateAbout : t.groups.publicAbout}`} />
          )}
          {created !== null && (
            <div class="detail">
              <dt>{t.details.created}</dt>
              <dd title={exactly(created)}>{dayName(created)}</dd>
            </div>
          )}
        </dl>
      )}
      {group && conversation.my_role === 'owner' && <VisibilityChoice conversation={conversation} />}
      <Notify conversation={conversation} />
      {group && (
        <button type="button" class="button quiet-danger" onClick={() => openDialog(() => <LeaveDialog conversation={conversation} />)}>
          <Icon icon={LogOut} size={16} />
          {t.details.leave}
        </button>
      )}
    </div>
  );
}
