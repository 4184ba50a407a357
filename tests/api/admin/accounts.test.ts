// SPDX-License-Identifier: Apache-2.0
// /api/admin/accounts: list, make, look at and change accounts.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type Api, expectProblem, expectStatus, type Answer } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';
import { administrator } from './administrator.ts';

const stack = useStack();
const fresh = (): string => `new.${randomBytes(6).toString('hex')}`;
const login = (who: string, password: string): Promise<Answer> => stack.api().post('/api/login', { login: who, password, bearer: true });
const record = async (admin: Api, subject: string): Promise<any[]> =>
  expectStatus(await admin.get('/api/admin/audit?limit=200'), 200).audit.filter((line: { subject: string }) => line.subject === subject);

test('everything is for administrators alone', async () => {
  const ada = await stack.person('ada');
  for (const [method, path, body] of [['GET', '/accounts'], ['POST', '/accounts', { login: fresh(), display_name: 'X' }], ['GET', `/accounts/${ada.id}`],
    ['PATCH', `/accounts/${ada.id}`, { admin: true }], ['POST', `/accounts/${ada.id}/password`, {}], ['GET', '/invites'], ['POST', '/invites', {}],
    ['DELETE', '/invites/1'], ['GET', '/relays'], ['GET', '/audit']] as const) {
    expectProblem(await ada.call(method, `/api/admin${path}`, body), 403, 'forbidden');
    expectProblem(await stack.api().call(method, `/api/admin${path}`, body), 401, 'unauthenticated');
    expectProblem(await stack.api('A'.repeat(43)).call(method, `/api/admin${path}`, body), 401, 'unauthenticated');
  }
  expectProblem(await ada.get('/api/admin/'), 404, 'not_found');
  expectProblem(await ada.delete('/api/admin/accounts'), 405, 'method_not_allowed');
});

test('an account is made with a temporary password of our making', async () => {
  const admin = await administrator(stack);
  const who = fresh();
  const { account, password } = expectStatus(await admin.post('/api/admin/accounts', { login: who.toUpperCase(), display_name: 'New One' }), 201);
  assert.match(password, /^([a-km-np-z2-9]{4}-){3}[a-km-np-z2-9]{4}$/);
  const { id, created, ...rest } = account;
  assert.deepEqual(rest, { login: who, display_name: 'New One', admin: false, deactivated: false, deactivated_time: null, must_change_password: true, last_seen: null, sessions: 0 });
  assert.match(created, /^\d{4}-.*Z$/);
  const { token, account: own } = expectStatus(await login(who, password), 200);
  assert.equal(own.must_change_password, true);
  expectProblem(await stack.api(token).get('/api/relays'), 403, 'password_change');
  expectStatus(await stack.api(token).post('/api/password', { current: password, new: 'a password of my own' }), 204);
  expectStatus(await stack.api(token).get('/api/relays'), 200);
  const [line] = await record(admin, id);
  assert.deepEqual([line.action, line.account, line.detail], ['account_create', admin.id, { login: who, admin: false }]);
});

test('or with one that was given, also as an administrator', async () => {
  const admin = await administrator(stack);
  const who = fresh();
  const made = expectStatus(await admin.post('/api/admin/accounts', { login: who, display_name: 'X', password: 'given for now', admin: true }), 201);
  assert.deepEqual([Object.keys(made), made.account.admin], [['account'], true]);
  expectStatus(await login(who, 'given for now'), 200);
});

test('what is no account is not made', async () => {
  const admin = await administrator(stack);
  for (const body of [{}, { login: fresh() }, { display_name: 'X' }, { login: 'x', display_name: 'X' }, { login: fresh(), display_name: ' ' }, { login: fresh(), display_name: 'X', password: 'short' },
    { login: fresh(), display_name: 'X', admin: 'yes' }]) {
    expectProblem(await admin.post('/api/admin/accounts', body), 400, 'invalid');
  }
  expectProblem(await admin.post('/api/admin/accounts', { login: admin.login, display_name: 'X' }), 409, 'login_taken');
});

test('the list finds, filters and pages', async () => {
  const admin = await administrator(stack);
  const mark = randomBytes(5).toString('hex');
  const people: { id: string }[] = [];
  for (let i = 0; i < 5; i++) people.push(await stack.person(`${mark}`, { display_name: i === 0 ? 'Größe' : 'x', admin: i === 1 }));
  expectStatus(await admin.patch(`/api/admin/accounts/${people[2]!.id}`, { deactivated: true }), 200);
  const list = async (query: string): Promise<[number[], boolean, number]> => {
    const { accounts, more, total } = expectStatus(await admin.get(`/api/admin/accounts?q=${mark}&${query}`), 200);
    return [accounts.map((row: { id: string }) => people.findIndex((person) => person.id === row.id)), more, total];
  };
  assert.deepEqual(await list(''), [[0, 1, 2, 3, 4], false, 5]);
  assert.deepEqual(await list('state=all'), [[0, 1, 2, 3, 4], false, 5]);
  assert.deepEqual(await list('state=active'), [[0, 1, 3, 4], false, 4]);
  assert.deepEqual(await list('state=deactivated'), [[2], false, 1]);
  assert.deepEqual(await list('admin=true'), [[1], false, 1]);
  assert.deepEqual(await list('admin=false&state=active'), [[0, 3, 4], false, 3]);
  assert.deepEqual(await list('limit=2'), [[0, 1], true, 5]);
  assert.deepEqual(await list(`limit=2&after=${people[3]!.id}`), [[4], false, 5]);
  const found = expectStatus(await admin.get(`/api/admin/accounts?q=${encodeURIComponent('GRÖSSE'.replace('SS', 'ß'))}`), 200);
  assert.equal(found.accounts[0].id, people[0]!.id);
  for (const query of ['state=gone', 'admin=yes', 'limit=0', 'after=x', 'after=999999999999999999']) {
    assert.equal((await admin.get(`/api/admin/accounts?${query}`)).status, 400, query);
  }
});

test('one account is looked at', async () => {
  const [admin, ada] = [await administrator(stack), await stack.person('ada')];
  const { account } = expectStatus(await admin.get(`/api/admin/accounts/${ada.id}`), 200);
  assert.deepEqual([account.login, account.sessions, account.must_change_password], [ada.login, 1, false]);
  assert.ok(account.last_seen);
  expectProblem(await admin.get('/api/admin/accounts/4711'), 404, 'not_found');
  expectProblem(await admin.get('/api/admin/accounts/x'), 404, 'not_found');
});

test('a name is changed, for all to see', async () => {
  const [admin, ada] = [await administrator(stack), await stack.person('ada')];
  const live = stack.open('ws', ada, 'b');
  await live.hello();
  expectStatus(await admin.patch(`/api/admin/accounts/${ada.id}`, { display_name: 'Ada L' }), 200);
  assert.equal((await live.next('account')).account.display_name, 'Ada L');
  const [line] = await record(admin, ada.id);
  assert.deepEqual([line.action, line.detail], ['account_rename', { from: 'ada', to: 'Ada L' }]);
});

test('administration is granted and withdrawn', async () => {
  const [admin, ada] = [await administrator(stack), await stack.person('ada')];
  const live = stack.open('ws', ada, 'a');
  await live.hello();
  assert.equal(expectStatus(await admin.patch(`/api/admin/accounts/${ada.id}`, { admin: true }), 200).account.admin, true);
  assert.equal((await live.next('account')).account.admin, true);
  expectStatus(await ada.get('/api/admin/relays'), 200);
  assert.equal(expectStatus(await admin.patch(`/api/admin/accounts/${ada.id}`, { admin: false }), 200).account.admin, false);
  const start = performance.now();
  assert.equal((await live.end()).code, 4002, 'rights shrink: live connections end');
  assert.ok(performance.now() - start < 2000);
  expectProblem(await ada.get('/api/admin/relays'), 403, 'forbidden');
  expectStatus(await ada.get('/api/me'), 200);
  assert.deepEqual((await record(admin, ada.id)).map((line) => line.action), ['admin_withdraw', 'admin_grant']);
});

test('a deactivated account is out at once, and cannot come back until it may', async () => {
  const [admin, ada] = [await administrator(stack), await stack.person('ada')];
  const lives = stack.relays.map((relay) => stack.open('ws', ada, relay));
  await Promise.all(lives.map((live) => live.hello()));
  const { account } = expectStatus(await admin.patch(`/api/admin/accounts/${ada.id}`, { deactivated: true }), 200);
  assert.deepEqual([account.deactivated, account.sessions], [true, 0]);
  assert.ok(account.deactivated_time);
  const start = performance.now();
  assert.deepEqual((await Promise.all(lives.map((live) => live.end()))).map((ending) => ending.code), [4002, 4002]);
  assert.ok(performance.now() - start < 2000);
  expectProblem(await ada.get('/api/me'), 401, 'unauthenticated');
  assert.equal((await login(ada.login, ada.password)).status, 401);
  const back = expectStatus(await admin.patch(`/api/admin/accounts/${ada.id}`, { deactivated: false }), 200);
  assert.deepEqual([back.account.deactivated, back.account.deactivated_time], [false, null]);
  expectProblem(await ada.get('/api/me'), 401, 'unauthenticated');
  expectStatus(await login(ada.login, ada.password), 200);
  assert.deepEqual((await record(admin, ada.id)).map((line) => line.action), ['account_reactivate', 'account_deactivate']);
});

test('what is not said, null or so already stays', async () => {
  const [admin, ada] = [await administrator(stack), await stack.person('ada')];
  const before = expectStatus(await admin.get(`/api/admin/accounts/${ada.id}`), 200);
  for (const body of [{}, { admin: null, deactivated: null, display_name: null }, { admin: false, deactivated: false, display_name: 'ada' }, { login: 'other' }]) {
    assert.deepEqual(expectStatus(await admin.patch(`/api/admin/accounts/${ada.id}`, body), 200), before);
  }
  assert.deepEqual(await record(admin, ada.id), []);
  for (const body of [{ admin: 1 }, { deactivated: 'yes' }, { display_name: '' }, { display_name: 'a\u202eb' }]) {
    expectProblem(await admin.patch(`/api/admin/accounts/${ada.id}`, body), 400, 'invalid');
  }
  expectProblem(await admin.patch('/api/admin/accounts/4711', { admin: true }), 404, 'not_found');
});
