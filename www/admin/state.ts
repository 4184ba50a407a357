// SPDX-License-Identifier: Apache-2.0
//
// Who administers.

import { signal } from '@preact/signals';
import type { Account } from '../client/protocol.ts';

export const me = signal<(Account & { must_change_password?: boolean }) | null>(null);
