// SPDX-License-Identifier: Apache-2.0
//
// A backup put back below people who are connected: pg_dump, pg_restore, and the restored database in the place of the old one.
// It has another epoch; everybody is told `reset` and starts afresh from what it holds, and nothing else is shown.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { openClient, texts } from '../../client/lib.ts';
import { asAccount, pgBin } from '../../lib/cluster.ts';
import { expectStatus } from '../../lib/http.ts';
import { TRANSPORTS } from '../../lib/live.ts';
import { useStack, type Person } from '../../lib/stack.ts';
import { until } from '../../lib/wait.ts';
import { Mirror } from '../mirror.ts';

const stack = useStack({ alone: true });
const run = promisify(execFile);
const pg = async (tool: string, database: string, ...args: string[]): Promise<void> =>
  void (await run(...asAccount([pgBin(tool), '-h', stack.db.cluster.dir, '-U', 'postgres', '-d', database, ...args])));

/** Puts a backup in the place of the database while programs and relays are at work. */
async function restore(file: string): Promise<void> {
  const { cluster, name } = stack.db;
  await cluster.sql('postgres', `CREATE DATABASE ${name}_new TEMPLATE template0`);
  await pg('pg_restore', `${name}_new`, '--single-transaction', file);
  await cluster.sql('postgres', `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await cluster.sql('postgres', 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
  await until('the old one is away', async () => (await cluster.sql('postgres', `ALTER DATABASE ${name} RENAME TO ${name}_old`), true));
  await cluster.sql('postgres', `ALTER DATABASE ${name}_new RENAME TO ${name}`);
}

async function say(person: Person, conversation: string, body: string): Promise<void> {
  expectStatus(await person.post('/api/messages', { ref: crypto.randomUUID(), conversation, body }), 201);
}

test('pg_dump → pg_restore: another epoch, everybody starts afresh, and later messages flow', async () => {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const conversation = await stack.direct(ada, bob);
  await say(ada, conversation, 'kept');
  const dump = join(stack.db.cluster.dir, `${stack.db.name}.dump`);
  await pg('pg_dump', stack.db.name, '-Fc', '-f', dump);

  const late = await stack.person('late');
  const stranger = stack.open('ws', late, 'a');
  await stranger.hello();
  const client = await openClient(stack, bob);
  const view = client.timeline(conversation);
  const lives = TRANSPORTS.map((transport, i) => stack.open(transport, ada, 'ab'[i]));
  const old = await Promise.all(lives.map((live) => live.hello()));
  await say(ada, conversation, 'lost');
  await until('the client shows it', () => texts(view).includes('lost'));

  await restore(dump);
  await Promise.all(lives.map((live) => live.seen('reset')));
  assert.equal((await stranger.end(30_000)).code, 4002, 'the backup does not know this login');
  const list = await until('the programs answer', async () => {
    const { status, body } = await ada.get('/api/conversations');
    return status === 200 && body;
  });
  assert.notEqual(list.epoch, old[0]!.epoch);
  for (const live of lives) {
    live.send({ type: 'hello', epoch: old[0]!.epoch });
    await live.next('welcome', (e) => e.epoch === list.epoch);
    await live.next('reset');
    const mirror = new Mirror();
    mirror.list(list);
    await live.hello({ ...mirror.resume, resume: { [conversation]: 0 } });
    const after = live.events.slice(live.events.findLastIndex((e) => e.type === 'reset'));
    assert.deepEqual(after.filter((e) => e.type === 'message').map((m) => m.body), ['kept']);
  }

  await say(ada, conversation, 'later');
  await Promise.all(lives.map((live) => live.seen('message', (m) => m.body === 'later' && m.seq === 2)));
  await until('the client shows the restored and the later', () => texts(view).join() === 'kept,later');
  assert.equal(client.connection.value.state, 'connected');
  assert.equal(client.conversation(conversation).value?.last_message?.body, 'later');
  await stack.db.cluster.sql('postgres', `DROP DATABASE ${stack.db.name}_old WITH (FORCE)`);
});
