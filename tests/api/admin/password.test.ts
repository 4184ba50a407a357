// SPDX-License-Identifier: Apache-2.0
// POST /api/admin/accounts/{id}/password: a temporary password for who forgot theirs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';
import { administrator } from './administrator.ts';

const stack = useStack({ relays: ['a'] });

test('a temporary password replaces the old one, ends all sessions and must be changed', async () => {
  const [admin, ada] = [await administrator(stack), await stack.person('ada')];
  const live = stack.open('ws', ada);
  await live.hello();
  const { password } = expectStatus(await admin.post(`/api/admin/accounts/${ada.id}/password`), 200);
  const start = performance.now();
  assert.equal((await live.end()).code, 4002);
  assert.ok(performance.now() - start < 2000);
  expectProblem(await ada.get('/api/me'), 401, 'unauthenticated');
  expectProblem(await stack.api().post('/api/login', { login: ada.login, password: ada.password }), 401, 'bad_login');
  const { account, token } = expectStatus(await stack.api().post('/api/login', { login: ada.login, password, bearer: true }), 200);
  assert.equal(account.must_change_password, true);
  const refused = stack.open('ws', { token });
  refused.send({ type: 'hello' });
  assert.equal((await refused.end()).code, 1008);
  expectStatus(await stack.api(token).post('/api/password', { current: password, new: ada.password }), 204);
  const again = stack.open('ws', { token });
  assert.equal((await again.hello()).account.must_change_password, undefined);
});

test('one that is given is not told back', async () => {
  const [admin, ada] = [await administrator(stack), await stack.person('ada')];
  assert.deepEqual(expectStatus(await admin.post(`/api/admin/accounts/${ada.id}/password`, { password: 'given for now' }), 200), {});
  expectStatus(await stack.api().post('/api/login', { login: ada.login, password: 'given for now' }), 200);
});

test('what cannot be is refused', async () => {
  const [admin, ada] = [await administrator(stack), await stack.person('ada')];
  expectProblem(await admin.post(`/api/admin/accounts/${ada.id}/password`, { password: 'short' }), 400, 'invalid');
  expectProblem(await admin.post(`/api/admin/accounts/${ada.id}/password`, { password: 7 }), 400, 'invalid');
  expectProblem(await admin.post('/api/admin/accounts/4711/password'), 404, 'not_found');
  expectProblem(await admin.post(`/api/admin/accounts/${admin.id}/password`), 409, 'conflict');
  expectProblem(await admin.get(`/api/admin/accounts/${ada.id}/password`), 405, 'method_not_allowed');
  expectStatus(await ada.get('/api/me'), 200);
});
