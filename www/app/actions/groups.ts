// SPDX-License-Identifier: Apache-2.0
//
// Conversations and their members: starting, joining, leaving, managing.

import type { GroupPatch, Role, SettingsPatch, Visibility } from '../../client/index.ts';
import { navigate, openPanel, paths } from '../lib/router.ts';
import { client, nameOf } from '../state/client.ts';
import { toast } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { attempt } from './problems.ts';

/** Opens the direct conversation with somebody, making it at the first time. */
export async function messagePerson(account: string): Promise<boolean> {
  return attempt(async () => navigate(paths.conversation(await client.direct(account))));
}

export async function createGroup(title: string, members: string[], visibility: Visibility): Promise<void> {
  navigate(paths.conversation(await client.createGroup({ title, members, visibility })), { replace: true });
}

export async function joinGroup(id: string): Promise<boolean> {
  return attempt(async () => {
    await client.joinGroup(id);
    navigate(paths.conversation(id));
  });
}

export async function leaveGroup(id: string, title: string): Promise<void> {
  await client.leaveGroup(id);
  navigate(paths.home, { replace: true });
  toast(t.details.left(title));
}

export const updateGroup = (id: string, patch: GroupPatch): Promise<void> => client.updateGroup(id, patch);

export function updateSettings(id: string, patch: SettingsPatch): Promise<boolean> {
  return attempt(() => client.updateSettings(id, patch));
}

export async function addMembers(id: string, accounts: string[]): Promise<void> {
  await client.addMembers(id, accounts);
  openPanel(id, 'members');
}

export function setRole(id: string, account: string, role: Role): Promise<boolean> {
  return attempt(() => client.setRole(id, account, role));
}

export async function removeMember(id: string, account: string): Promise<void> {
  await client.removeMember(id, account);
  toast(t.members.removed(nameOf(account)));
}
