// SPDX-License-Identifier: Apache-2.0
//
// The life of an instance: its first start, a second one refused, two side by side, what is done to it while it runs.

import assert from 'node:assert/strict';
import { readFileSync, rmSync, statSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Instance } from './instance.ts';

let one: Instance;
const login = async (password: string): Promise<number> => (await fetch(`${one.url}/api/login`, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login: 'admin', password, bearer: true }),
})).status;
const adminPassword = (): string => readFileSync(`${one.data}/admin-password`, 'utf8').trim();

before(async () => {
  one = await Instance.make();
  const seconds = await one.start();
  assert.ok(seconds < 60, `the first start took ${seconds} s`);
});
after(() => one.remove());

test('the ready line says the address, who reaches it and where the password is', async () => {
  assert.match(one.output, new RegExp(`ready at ${one.url}/, for this machine only; data in ${one.data}; .*${one.data}/admin-password`));
  assert.equal(statSync(`${one.data}/admin-password`).mode & 0o777, 0o600);
  assert.equal(await login(adminPassword()), 200);
});

test('nothing that listens runs as root', { skip: process.getuid?.() !== 0 }, () => {
  for (const [name, pid] of one.services()) {
    const uid = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1];
    assert.notEqual(uid, '0', name);
  }
});

test('a second start on the same DATA names process and address', async () => {
  const other = await Instance.make({ data: one.data });
  const { code, output } = await other.run();
  assert.equal(code, 1);
  assert.match(output, new RegExp(`already running on ${one.data}: process \\d+ at ${one.url}/`));
});

test('two instances side by side', async () => {
  const two = await Instance.make();
  try {
    await two.start();
    assert.ok((await two.healthy()) && (await one.healthy()));
    assert.equal(await two.stop(), 0);
    assert.ok(await one.healthy());
  } finally {
    await two.remove();
  }
});

test('a new password for the administrator, a backup, a new epoch, while it runs', async () => {
  const old = adminPassword();
  assert.equal((await one.run(['admin-password'])).code, 0);
  assert.equal(await login(old), 401);
  assert.equal(await login(adminPassword()), 200);
  const file = `${one.data}.dump`;
  assert.equal((await one.run(['backup', file])).code, 0);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal((await one.run(['restore', file])).code, 1);
  assert.equal((await one.run(['new-epoch'])).code, 0);
  rmSync(file);
});
