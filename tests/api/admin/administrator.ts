// SPDX-License-Identifier: Apache-2.0
// An administrator for tests, also where nobody may register.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { expectStatus } from '../../lib/http.ts';
import { BIN, type Person, type Stack } from '../../lib/stack.ts';

/** What `login.fcgi --hash-password` makes of a password, with the configuration of a stack or the shipped one. */
export function hashOf(password: string, environment: Record<string, string> = {}): string {
  return execFileSync(join(BIN, 'login.fcgi'), ['--hash-password'], { input: `${password}\n`, env: { PATH: process.env.PATH, ...environment } }).toString().trim();
}

/** A new account of an administrator, logged in with a bearer token; its password is its own. */
export async function administrator(stack: Stack): Promise<Person> {
  const login = `admin.${randomBytes(6).toString('hex')}`;
  const password = `a password for ${login}`;
  const rows = await stack.db.query<{ id: string }>(
    'SELECT (parley._account_create($1, $2, $3, false, true)).id::text', [login, 'The Admin', hashOf(password, stack.environment())]);
  const api = stack.api() as Person;
  api.token = expectStatus(await api.post('/api/login', { login, password, bearer: true }), 200).token;
  return Object.assign(api, { id: rows[0]!.id, login, password });
}
