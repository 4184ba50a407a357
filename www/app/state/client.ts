// SPDX-License-Identifier: Apache-2.0
//
// The one client of this tab. Views read its signals, actions call its methods.

import { createClient, memoryStorage } from '../../client/index.ts';
import type { Account, Client, Conversation } from '../../client/index.ts';
import { idbStorage } from '../../client/storage_idb.ts';
import { t } from '../strings/index.ts';

export const client: Client = createClient({
  origin: location.origin,
  storage: globalThis.indexedDB ? idbStorage() : memoryStorage(),
  name: 'web',
  tabs: true,
  log: (line) => console.info(line),
});

/** One's own id; '' while nobody is logged in. */
export function myId(): string {
  return client.account.value?.id ?? '';
}

/** The name to show for an account; a neutral word until it is known. */
export function nameOf(id: string): string {
  return personOf(id)?.display_name ?? t.message.unknownSender;
}

export function personOf(id: string): Account | undefined {
  const me = client.account.value;
  return me && me.id === id ? me : client.person(id).value;
}

/** What a conversation is called: its title, or the other one's name. */
export function titleOf(conversation: Conversation): string {
  if (conversation.kind === 'group') return conversation.title;
  if (!conversation.peer || conversation.peer === myId()) return t.side.noteToSelf;
  return personOf(conversation.peer)?.display_name ?? (conversation.title || '…');
}

export function isSelf(conversation: Conversation): boolean {
  return conversation.kind === 'direct' && (!conversation.peer || conversation.peer === myId());
}

export function isMuted(conversation: Conversation): boolean {
  return conversation.notify === 'none' || (conversation.muted_until !== null && Date.parse(conversation.muted_until) > Date.now());
}
