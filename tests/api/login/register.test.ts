// SPDX-License-Identifier: Apache-2.0
// POST /api/register where registration is open.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { expectProblem, expectStatus } from '../../lib/http.ts';
import { useStack } from '../../lib/stack.ts';

const stack = useStack({ relays: ['a'] });
const fresh = (): string => `new.${randomBytes(6).toString('hex')}`;
const body = (more: Record<string, unknown> = {}): Record<string, unknown> => ({ login: fresh(), password: 'long enough', display_name: 'Ada Lovelace', ...more });

test('an account is made, and nobody is logged in by it', async () => {
  const login = fresh();
  const answer = await stack.api().post('/api/register', body({ login }));
  const { account } = expectStatus(answer, 201);
  assert.match(account.id, /^[1-9][0-9]*$/);
  assert.deepEqual(account, { id: account.id, login, display_name: 'Ada Lovelace' });
  assert.equal(answer.headers.get('set-cookie'), null);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  expectStatus(await stack.api().post('/api/login', { login, password: 'long enough' }), 200);
});

test('a login is folded to lower case and taken once, whatever its case', async () => {
  const login = `Mixed.CASE-${randomBytes(4).toString('hex')}_9`;
  const { account } = expectStatus(await stack.api().post('/api/register', body({ login })), 201);
  assert.equal(account.login, login.toLowerCase());
  expectProblem(await stack.api().post('/api/register', body({ login })), 409, 'login_taken');
  expectProblem(await stack.api().post('/api/register', body({ login: login.toLowerCase() })), 409, 'login_taken');
});

test('of many who want one login at once, one gets it', async () => {
  const login = fresh();
  const answers = await Promise.all(Array.from({ length: 8 }, () => stack.api().post('/api/register', body({ login }))));
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, ...Array<number>(7).fill(409)]);
});

test('unknown members are ignored', async () => {
  const { account } = expectStatus(await stack.api().post('/api/register', body({ admin: true, id: '1', more: [{}] })), 201);
  assert.equal(account.admin, undefined);
});

test('a name is what people write', async () => {
  for (const display_name of ['Ö', '山田 太郎', '👩🏽‍🚀 <b>"&\\', 'x'.repeat(80), '𝒳'.repeat(80)]) {
    const { account } = expectStatus(await stack.api().post('/api/register', body({ display_name })), 201);
    assert.equal(account.display_name, display_name);
  }
});

const refused: [why: string, member: string, values: unknown[]][] = [
  ['a login', 'login', [undefined, null, 7, '', 'x', 'x'.repeat(33), 'has space', 'ünal', 'a/b', 'a\u0000b', ['ab'], 'ab\n']],
  ['a password', 'password', [undefined, null, 1234567890, '', 'too short', 'x'.repeat(1025), 'é'.repeat(513), 'has a \u0000 in it']],
  ['a display name', 'display_name', [undefined, null, 7, '', ' \t', 'x'.repeat(81), 'a\nb', 'a\u0007b', 'a\u202eb', 'a\u2066b', 'a\u0000b', '\u200b']],
  ['an invite', 'invite', [7, {}]],
];
for (const [what, member, values] of refused) {
  test(`${what} that is none is refused`, async () => {
    for (const value of values) {
      const problem = (await stack.api().post('/api/register', body({ [member]: value }))).body;
      assert.equal(problem.status, 400, `${JSON.stringify(value)}: ${JSON.stringify(problem)}`);
      assert.match(problem.type, /^urn:parley:(invalid|malformed)$/);
    }
  });
}

test('the limits of lengths are in', async () => {
  for (const more of [{ login: randomBytes(16).toString('hex') }, { password: 'x'.repeat(1024) }, { password: 'ten bytes!' }]) {
    expectStatus(await stack.api().post('/api/register', body(more)), 201);
  }
  const two = [...'abcdefghijklmnopqrstuvwxyz0123456789._-'];
  const login = two[Math.floor(Math.random() * 39)]! + two[Math.floor(Math.random() * 39)]!;
  expectStatus(await stack.api().post('/api/register', body({ login })), 201);
});

test('what is no JSON object is refused', async () => {
  for (const raw of ['', '{', '[]', '"x"', 'null', '{"login":"a","login":"b"}', '\ufeff{}', '{"login":"\\ud800"}']) {
    const problem = (await stack.api().post('/api/register', undefined, { raw })).body;
    assert.equal(problem.status, 400, raw);
  }
  expectProblem(await stack.api().post('/api/register', undefined, { raw: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]) }), 400, 'malformed');
  expectProblem(await stack.api().post('/api/register', undefined, { raw: '{}', headers: { 'content-type': 'text/plain' } }), 415, 'unsupported_type');
  expectProblem(await stack.api().post('/api/register', undefined, { raw: `{"login":"${'x'.repeat(262144)}"}` }), 413, 'too_large');
});

test('other methods are refused', async () => {
  for (const path of ['/api/register', '/api/login', '/api/logout', '/api/password']) {
    const answer = await stack.api().get(path);
    expectProblem(answer, 405, 'method_not_allowed');
    assert.equal(answer.headers.get('allow'), 'POST');
  }
  expectProblem(await stack.api().post('/api/register/x', {}), 404, 'not_found');
});
