// SPDX-License-Identifier: Apache-2.0
//
// What keeps `make run` from starting: one line and an exit code each (they are listed at the head of conf/run).

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Instance } from './instance.ts';

const root = process.getuid?.() === 0;

async function refused(code: number, says: RegExp, arrange: (instance: Instance) => Record<string, string> | void = () => {}): Promise<void> {
  const instance = await Instance.make();
  try {
    const env = arrange(instance) ?? {};
    const there = existsSync(instance.data);
    const { code: got, output } = await instance.run(['start'], env);
    assert.equal(got, code, output);
    assert.match(output, says);
    assert.equal(existsSync(instance.data), there, 'it leaves no folder');
  } finally {
    await instance.remove();
  }
}

test('a port that is none', () => refused(64, /PORT=99999: expected a number/, () => ({ PORT: '99999' })));
test('an address that is none', () => refused(64, /LISTEN=home: expected/, () => ({ LISTEN: 'home' })));

test('a port that is taken, by whom', async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await refused(10, new RegExp(`port ${port} is taken by process ${process.pid}`), () => ({ PORT: String(port) }));
  server.close();
});

test('DATA is a file', () => refused(11, /is not a folder/, ({ data }) => writeFileSync(data, '')));

test("DATA is another's", { skip: !root }, () => refused(11, /belongs to/, ({ data }) => {
  mkdirSync(data);
  chownSync(data, 65534, 65534);
}));

test('less than 1 GiB free', { skip: !root }, async (t) => {
  const instance = await Instance.make();
  mkdirSync(instance.data);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m,mode=755', 'tmpfs', instance.data], { stdio: 'ignore' });
  } catch {
    t.skip('this machine lets nobody mount');
    return;
  }
  try {
    const { code, output } = await instance.run();
    assert.equal(code, 12, output);
    assert.match(output, /MiB are free/);
  } finally {
    execFileSync('umount', [instance.data]);
    await instance.remove();
  }
});

test('a cluster of another PostgreSQL', () => refused(13, /was made by PostgreSQL 9/, ({ data }) => {
  mkdirSync(join(data, 'pg'), { recursive: true });
  writeFileSync(join(data, 'pg/PG_VERSION'), '9\n');
}));

test('a schema newer than the programs', () => refused(14, /has schema 9999/, ({ data }) => {
  mkdirSync(data);
  writeFileSync(join(data, 'schema'), '9999\n');
}));

test('the sample only into an empty DATA', () => refused(19, /empty DATA/, ({ data }) => {
  mkdirSync(join(data, 'pg'), { recursive: true });
  return { DEMO: '1' };
}));

test('a bad value in the configuration', () => refused(78, /PARLEY_HEARTBEAT/, () => ({ PARLEY_HEARTBEAT: '0' })));
