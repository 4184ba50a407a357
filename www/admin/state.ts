// SPDX-License-Identifier: Apache-2.0
//
// Who administers, and whether they may. Asked at the start, after a login, and whenever the server refused something for
// who asked: a session that ended, rights that were withdrawn.

import { signal } from '@preact/signals';
import { problemText } from '../app/actions/problems.ts';
import { closeDialog } from '../app/state/screen.ts';
import type { Account } from '../client/protocol.ts';
import { Problem, api, onRefused } from './api.ts';

export type Stand = 'asking' | 'anonymous' | 'refused' | 'password' | 'in' | { problem: string };

export const me = signal<Account | null>(null);
export const stand = signal<Stand>('asking');

async function ask(): Promise<Stand> {
  try {
    me.value = await api.me();
    if (me.value.must_change_password) return 'password';
    return me.value.admin ? 'in' : 'refused';
  } catch (error) {
    return error instanceof Problem && error.status === 401 ? 'anonymous' : { problem: problemText(error) };
  }
}

export async function findOut(): Promise<void> {
  stand.value = await ask();
  if (stand.value !== 'in') closeDialog();
}

onRefused(() => void findOut());
