// SPDX-License-Identifier: Apache-2.0
//
// What the tests of the client library share: clients that are closed after each test.

import { afterEach } from 'node:test';
import { createClient } from '../../www/client/index.ts';
import type { Client, ClientOptions, Timeline } from '../../www/client/index.ts';
import { until } from '../lib/wait.ts';

export { until };
export const TRANSPORTS = ['websocket', 'http'] as const;

const open: Client[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
});

/** A client for this person, started and connected. */
export async function openClient(stack: { url: string }, person: { token: string | null }, options: Partial<ClientOptions> = {}): Promise<Client> {
  const client = newClient(stack, person, options);
  await client.start();
  await until('connected', () => client.connection.value.state === 'connected' && client.loaded.value);
  return client;
}

/** One that is not started yet. */
export function newClient(stack: { url: string }, person: { token: string | null }, options: Partial<ClientOptions> = {}): Client {
  const log = process.env.PARLEY_TEST_LOG ? (line: string) => console.error(`[client] ${(performance.now() / 1000).toFixed(2)} ${line}`) : () => {};
  const client = createClient({ origin: stack.url, ...(person.token === null ? {} : { token: person.token }), log, ...options });
  open.push(client);
  return client;
}

/** The texts of the messages in a timeline, deleted ones as null. */
export const texts = (timeline: Timeline): (string | null)[] =>
  timeline.items.value.flatMap((item) => (item.message?.kind === 'text' ? [item.message.deleted ? null : item.message.body] : []));
