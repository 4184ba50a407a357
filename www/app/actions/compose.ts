// SPDX-License-Identifier: Apache-2.0
//
// What a conversation's composer is told from elsewhere: reply to this, edit
// that, put the cursor there.

import type { Message } from '../../client/index.ts';
import { client } from '../state/client.ts';

function field(): HTMLTextAreaElement | null {
  return document.querySelector('.composer textarea');
}

export function focusComposer(): void {
  field()?.focus();
}

export function startReply(message: Message): void {
  const { text } = client.draft(message.conversation).peek();
  client.setDraft(message.conversation, { text, reply_to: message.seq });
  focusComposer();
}

export function cancelReply(conversation: string): void {
  const { text } = client.draft(conversation).peek();
  client.setDraft(conversation, text ? { text, reply_to: null } : null);
  focusComposer();
}
