// SPDX-License-Identifier: Apache-2.0
//
// The administration's requests and what they answer (fcgi/admin/routes.c says more). Pages of a listing are joined here.

import { Http } from '../client/http.ts';
import { Problem } from '../client/problem.ts';
import type { Account, Id } from '../client/protocol.ts';

export interface Person {
  readonly id: Id;
  readonly login: string;
  readonly display_name: string;
  readonly admin: boolean;
  readonly deactivated: boolean;
  readonly must_change_password: boolean;
  readonly created: string;
  readonly last_seen: string | null;
  readonly sessions: number;
}

export interface Invite {
  readonly id: Id;
  readonly state: 'open' | 'used' | 'expired';
  readonly created: string;
  readonly created_by: Id;
  readonly expires: string;
  readonly used?: string | null;
  readonly used_by?: Id | null;
}

export interface Relay {
  readonly name: string;
  readonly url: string;
  readonly region: string;
  readonly load: number;
  /** Seconds since its last sign of life. */
  readonly age: number;
  readonly alive: boolean;
}

export interface Line {
  readonly id: Id;
  readonly time: string;
  readonly account: Id | null;
  readonly action: string;
  readonly subject: string | null;
  readonly detail: Record<string, unknown>;
}

export type PeopleState = 'active' | 'deactivated' | 'all';

const ME = '/api/me';
const http = new Http(location.origin, null);

let refused = () => {};

/** Called when the server refused a request for who asked. */
export function onRefused(call: () => void): void {
  refused = call;
}

async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  try {
    return await http.request<T>(method, path, { ...(body === undefined ? {} : { body }), decode: (answer) => answer as T });
  } catch (error) {
    if (path !== ME && error instanceof Problem && (error.status === 401 || error.status === 403)) refused();
    throw error;
  }
}

export const api = {
  me: async () => (await ask<{ account: Account }>('GET', ME)).account,
  logIn: (login: string, password: string) => http.request('POST', '/api/login', { body: { login, password }, anonymous: true }),

  people(filter: { q: string; state: PeopleState; admins: boolean }, after?: Id): Promise<{ accounts: Person[]; more: boolean; total: number }> {
    const query = new URLSearchParams({ state: filter.state, limit: '100' });
    if (filter.q) query.set('q', filter.q);
    if (filter.admins) query.set('admin', 'true');
    if (after) query.set('after', after);
    return ask('GET', `/api/admin/accounts?${query}`);
  },
  addPerson: (body: { login: string; display_name: string; admin: boolean }) =>
    ask<{ account: Person; password: string }>('POST', '/api/admin/accounts', body),
  changePerson: (id: Id, body: { display_name?: string; admin?: boolean; deactivated?: boolean }) =>
    ask<{ account: Person }>('PATCH', `/api/admin/accounts/${id}`, body),
  setPassword: (id: Id) => ask<{ password: string }>('POST', `/api/admin/accounts/${id}/password`, {}),

  invites: (before?: Id) => ask<{ invites: Invite[]; more: boolean }>('GET', `/api/admin/invites?limit=100${before ? `&before=${before}` : ''}`),
  addInvite: (days: number) => ask<{ invite: Invite; path: string }>('POST', '/api/admin/invites', { days }),
  dropInvite: (id: Id) => ask('DELETE', `/api/admin/invites/${id}`),

  relays: async () => (await ask<{ relays: Relay[] }>('GET', '/api/admin/relays')).relays,
  record: (before?: Id) => ask<{ audit: Line[]; more: boolean }>('GET', `/api/admin/audit?limit=100${before ? `&before=${before}` : ''}`),

  /** Names by id, for listings that hold ids only. */
  async names(ids: readonly Id[]): Promise<Map<Id, string>> {
    const names = new Map<Id, string>();
    const wanted = [...new Set(ids)];
    for (let i = 0; i < wanted.length; i += 200) {
      const { accounts } = await ask<{ accounts: Account[] }>('GET', `/api/accounts?ids=${wanted.slice(i, i + 200).join(',')}`);
      for (const account of accounts) names.set(account.id, account.display_name);
    }
    return names;
  },
};

export { Problem };
