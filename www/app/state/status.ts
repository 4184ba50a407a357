// SPDX-License-Identifier: Apache-2.0
//
// One's own state as chosen here. The server tells others `offline` for
// invisible, so the choice itself is remembered on the device.

import { computed, signal } from '@preact/signals';
import { client } from './client.ts';

export type OwnState = 'online' | 'away' | 'dnd' | 'invisible';

const key = 'parley.state';

function load(): OwnState | null {
  try {
    const kept = sessionStorage.getItem(key);
    return kept === 'away' || kept === 'invisible' ? kept : null;
  } catch {
    return null;
  }
}

const chosen = signal<OwnState | null>(load());

export function choose(state: OwnState): void {
  chosen.value = state;
  try {
    sessionStorage.setItem(key, state);
  } catch {
    // refused: it holds for this page only
  }
}

export const ownState = computed<OwnState>(() => {
  const me = client.account.value?.id;
  const told = me ? client.presence(me).value?.state : undefined;
  if (chosen.value) return chosen.value;
  return told === 'dnd' || told === 'away' ? told : 'online';
});
