// SPDX-License-Identifier: Apache-2.0
//
// Stopping and starting again: cleanly, after kill -9 of the supervisor, after a restore; and purge.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { loadavg } from 'node:os';
import { after, test } from 'node:test';
import { until } from '../lib/wait.ts';
import { Instance } from './instance.ts';

const one = await Instance.make();
after(() => one.remove());

const gone = (pids: Iterable<number>): boolean => [...pids].every((pid) => !existsSync(`/proc/${pid}`));

test('a clean stop leaves nothing running, and a later start is quick', async () => {
  await one.start();
  const pids = [...one.services().values()];
  assert.equal(await one.stop(), 0);
  assert.ok(gone(pids), 'a service is left');
  const seconds = await one.start();
  // The promise is 5 s on a machine that does nothing else.
  const most = loadavg()[0]! < 1 ? 5 : 60;
  assert.ok(seconds < most, `a later start took ${seconds} s`);
});

test('kill -9 of the supervisor: nothing is left, and a start after it carries on', async () => {
  const pids = [...one.services().values()];
  await one.stop('SIGKILL');
  await until('what it started ends too', () => gone(pids), 60_000);
  await one.start();
  assert.ok(await one.healthy());
});

test('kill -9 of the supervisor and an immediate start', async () => {
  one.signal('SIGKILL');
  await one.start();
  assert.ok(await one.healthy());
});

test('a backup is restored into the stopped instance, and purge removes all after the name is typed', async () => {
  const file = `${one.data}.dump`;
  assert.equal((await one.run(['backup', file])).code, 0);
  await stopOther();
  const restored = await one.run(['restore', file]);
  assert.equal(restored.code, 0, restored.output);
  rmSync(file);
  assert.equal((await one.run(['purge'], {}, 'no\n')).code, 64);
  assert.ok(existsSync(one.data));
  assert.equal((await one.run(['purge'], {}, 'data\n')).code, 0);
  assert.ok(!existsSync(one.data));
});

/** The start is not the last child of `one` any more: end it by the pid it wrote. */
async function stopOther(): Promise<void> {
  const pid = Number(readFileSync(`${one.data}/running`, 'utf8').split('\n')[0]);
  process.kill(pid, 'SIGTERM');
  await until('it stops', () => !existsSync(`${one.data}/running`) && !existsSync(`/proc/${pid}`), 60_000);
}
