// SPDX-License-Identifier: Apache-2.0
//
// Messages: sending, editing, deleting, reacting, copying, reading.

import { batch } from '@preact/signals';
import type { Message } from '../../client/index.ts';
import { copyText } from '../lib/clipboard.ts';
import { paths } from '../lib/router.ts';
import { client, myId } from '../state/client.ts';
import { editing, toast, written } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { attempt } from './problems.ts';

/** The eight reactions there are for now. */
export const reactionSet = ['👍', '❤️', '😂', '🎉', '😮', '😢', '👀', '✅'] as const;

const mentionPattern = /(?<![\p{L}\p{N}_])@([a-z0-9._-]{2,32})/giu;

/** The people a text mentions: logins of `people` behind an @. */
export function mentionsIn(text: string, people: ReadonlyMap<string, string>): string[] {
  const found = new Set<string>();
  for (const [, written] of text.matchAll(mentionPattern)) {
    for (let login = written!.toLowerCase(); login.length >= 2; login = login.slice(0, -1)) {
      const id = people.get(login);
      if (id) found.add(id);
      if (id || !/[._-]$/.test(login)) break;
    }
  }
  return [...found];
}

export async function sendMessage(conversation: string, body: string, mentions: string[], replyTo: number | null): Promise<void> {
  batch(() => client.setDraft(conversation, null));
  client.setTyping(conversation, false);
  written.value += 1;
  await client.send(conversation, { body, mentions, reply_to: replyTo });
}

export async function saveEdit(message: Message, body: string): Promise<boolean> {
  if (body === message.body) {
    editing.value = null;
    return true;
  }
  const done = await attempt(() => client.edit(message.conversation, message.seq, body, message.mod));
  if (done) editing.value = null;
  return done;
}

export function deleteMessage(message: Message): Promise<boolean> {
  return attempt(() => client.remove(message.conversation, message.seq));
}

export function hasReacted(message: Message, emoji: string): boolean {
  return message.reactions.some((one) => one.emoji === emoji && one.accounts.includes(myId()));
}

export function toggleReaction(message: Message, emoji: string): Promise<boolean> {
  return attempt(() => client.react(message.conversation, message.seq, emoji, !hasReacted(message, emoji)));
}

export function togglePin(message: Message): Promise<boolean> {
  return attempt(() => client.pin(message.conversation, message.seq, !message.pinned));
}

export async function copyMessage(message: Message): Promise<void> {
  toast((await copyText(message.body)) ? t.copied : t.copyFailed);
}

export async function copyMessageLink(message: Message): Promise<void> {
  const link = location.origin + paths.message(message.conversation, message.seq);
  toast((await copyText(link)) ? t.copied : t.copyFailed);
}

export const retrySend = (ref: string): Promise<boolean> => attempt(() => client.retry(ref));
export const discardSend = (ref: string): Promise<boolean> => attempt(() => client.discard(ref));
