// SPDX-License-Identifier: Apache-2.0
//
// What is told over the live link alone: one's own status.

import { client } from '../state/client.ts';
import { choose, type OwnState } from '../state/status.ts';

export type { OwnState } from '../state/status.ts';

export function setStatus(state: OwnState): void {
  choose(state);
  client.setStatus(state);
}

export function setStatusText(state: OwnState, emoji: string, text: string): void {
  client.setStatus(state, { text: text.trim(), emoji: emoji.trim() });
}
