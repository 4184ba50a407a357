// SPDX-License-Identifier: Apache-2.0
//
// A small card about a person, at the place that was clicked.

import { MessageSquare } from 'lucide';
import { messagePerson } from '../actions/groups.ts';
import { when } from '../lib/dates.ts';
import { client, myId, nameOf, personOf } from '../state/client.ts';
import { closeDialog, dialog } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Avatar } from './avatar.tsx';
import { Menu, MenuItem } from './menu.tsx';

function Card({ id, at }: { id: string; at: Element }) {
  const person = personOf(id);
  const presence = client.presence(id).value;
  const state = presence?.state ?? 'offline';
  return (
    <Menu label={nameOf(id)} at={at} onClose={closeDialog}>
      <div class="person-card">
        <Avatar id={id} name={nameOf(id)} size={72} presence={state} />
        <strong dir="auto">{nameOf(id)}</strong>
        <span class="muted small">@{person?.login ?? '…'}</span>
        <span class="muted small">
          {state === 'offline' && presence?.last_seen ? t.lastSeen(when(Date.parse(presence.last_seen))) : t.presence[state]}
        </span>
        {presence?.text && (
          <span class="small" dir="auto">
            {presence.emoji} {presence.text}
          </span>
        )}
      </div>
      <hr />
      <MenuItem icon={MessageSquare} onSelect={() => void messagePerson(id)}>
        {id === myId() ? t.people.self : t.members.message}
      </MenuItem>
    </Menu>
  );
}

export function openPerson(id: string, at: Element): void {
  dialog.value = () => <Card id={id} at={at} />;
}
