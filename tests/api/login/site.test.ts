// SPDX-License-Identifier: Apache-2.0
// Requests from other sites, and the cookie where the address is https.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answer, expectProblem, expectStatus } from '../../lib/http.ts';
import { type Stack, useStack } from '../../lib/stack.ts';

const plain = useStack({ relays: ['a'] });
const secure = useStack({ relays: ['a'], config: { public_url: 'https://chat.example' } });

async function cookie(stack: Stack): Promise<string> {
  const ada = await stack.person('ada');
  const answer = await stack.api().post('/api/login', { login: ada.login, password: ada.password });
  return answer.headers.get('set-cookie')!;
}
const patch = (stack: Stack, headers: Record<string, string>): Promise<Answer> => stack.api().patch('/api/me', { display_name: 'Ada' }, { headers });

const foreign: Record<string, string>[] = [{ origin: 'http://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }];

test('a change that carries the cookie from another site is refused', async () => {
  const session = (await cookie(plain)).split(';')[0]!;
  expectStatus(await patch(plain, { cookie: session }), 200);
  expectStatus(await patch(plain, { cookie: session, origin: plain.url, 'sec-fetch-site': 'same-origin' }), 200);
  for (const headers of foreign) {
    expectProblem(await patch(plain, { cookie: session, ...headers }), 403, 'cross_site');
    expectProblem(await patch(plain, { cookie: 'parley_session=bad', ...headers }), 403, 'cross_site');
    for (const path of ['/api/login', '/api/register', '/api/logout', '/api/password', '/api/admin/accounts', '/api/admin/invites']) {
      expectProblem(await plain.api().post(path, {}, { headers: { cookie: session, ...headers } }), 403, 'cross_site');
    }
    expectProblem(await plain.api().delete('/api/sessions/1', { headers: { cookie: session, ...headers } }), 403, 'cross_site');
    expectStatus(await plain.api().get('/api/me', { headers: { cookie: session, ...headers } }), 200);
  }
});

test('a token in a header is nobody\'s cookie', async () => {
  const ada = await plain.person('ada');
  for (const headers of foreign) expectStatus(await ada.patch('/api/me', { display_name: 'Ada' }, { headers }), 200);
});

test('other sites read nothing', async () => {
  const answer = await plain.api().get('/api/health', { headers: { origin: 'http://evil.example' } });
  assert.equal(answer.headers.get('access-control-allow-origin'), null);
  expectProblem(await plain.api().call('OPTIONS', '/api/login', undefined, { headers: { origin: 'http://evil.example', 'access-control-request-method': 'POST' } }), 405, 'method_not_allowed');
});

test('where the address is https the cookie is secure, and only that address is ours', async () => {
  const set = await cookie(secure);
  assert.match(set, /; Secure$/);
  const session = set.split(';')[0]!;
  expectStatus(await patch(secure, { cookie: session, origin: 'https://chat.example' }), 200);
  for (const origin of [secure.url, 'http://chat.example', 'https://chat.example.evil', 'https://chat.example:444']) {
    expectProblem(await patch(secure, { cookie: session, origin }), 403, 'cross_site');
  }
  const out = await secure.api().post('/api/logout', undefined, { headers: { cookie: session } });
  assert.match(out.headers.get('set-cookie')!, /^parley_session=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax; Secure$/);
});
