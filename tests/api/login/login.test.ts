// SPDX-License-Identifier: Apache-2.0
// POST /api/login: what a login gives, and what it refuses without saying why.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Answer, expectProblem, expectStatus } from '../../lib/http.ts';
import { type Person, useStack } from '../../lib/stack.ts';
import { hashOf } from '../admin/administrator.ts';

const stack = useStack({ relays: ['a'] });
const login = (person: { login: string; password: string }, more: Record<string, unknown> = {}, headers: Record<string, string> = {}): Promise<Answer> =>
  stack.api().post('/api/login', { login: person.login, password: person.password, ...more }, { headers });

test('a login sets a cookie that scripts cannot read', async () => {
  const ada = await stack.person('ada');
  const answer = await login(ada);
  const { account, session, ...rest } = expectStatus(answer, 200);
  assert.deepEqual(account, { id: ada.id, login: ada.login, display_name: 'ada' });
  assert.match(session.id, /^[1-9][0-9]*$/);
  const days = (Date.parse(session.expires) - Date.now()) / 86_400_000;
  assert.ok(days > 29.9 && days <= 30.01, `expires in ${days} days`);
  assert.deepEqual(rest, {});
  const [pair, ...flags] = answer.headers.get('set-cookie')!.split('; ');
  assert.match(pair!, /^parley_session=[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(flags.sort(), ['HttpOnly', 'Max-Age=31536000', 'Path=/', 'SameSite=Lax']);
  const me = await stack.api().get('/api/me', { headers: { cookie: `a=b; ${pair}; c=d` } });
  assert.deepEqual(expectStatus(me, 200), { account });
});

test('with `bearer` the token comes in the answer and no cookie is set', async () => {
  const ada = await stack.person('ada');
  const answer = await login(ada, { bearer: true });
  const { token, ...rest } = expectStatus(answer, 200);
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(Object.keys(rest), ['account', 'session']);
  assert.equal(answer.headers.get('set-cookie'), null);
  expectStatus(await stack.api(token).get('/api/me'), 200);
  assert.ok((await login(ada, { bearer: false })).headers.get('set-cookie'));
});

test('the database holds no token', async () => {
  const ada = await stack.person('ada');
  const rows = await stack.db.query<{ row: string }>('SELECT s::text AS row FROM parley.session s WHERE account_id = $1', [ada.id]);
  assert.equal(rows.length, 1);
  assert.ok(!rows[0]!.row.includes(ada.token!) && !rows[0]!.row.includes(Buffer.from(ada.token!).toString('hex')));
});

test('the login is folded', async () => {
  const ada = await stack.person('ada');
  expectStatus(await login({ ...ada, login: ada.login.toUpperCase() }), 200);
});

test('the device is known by its user agent', async () => {
  const ada = await stack.person('ada');
  await login(ada, {}, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' });
  await login(ada, {}, { 'user-agent': `robot ${'x'.repeat(300)}` });
  const { sessions } = expectStatus(await ada.get('/api/sessions'), 200);
  assert.equal(sessions[0].device, `robot ${'x'.repeat(74)}`);
  assert.equal(sessions[1].device, 'Firefox on Linux');
});

/** Everything of an answer that could tell one refusal from another. */
const look = ({ status, body, headers }: Answer): unknown =>
  [status, body, [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name))];

test('a wrong password, an unknown login and a deactivated account are one and the same', async () => {
  const ada = await stack.person('ada');
  const gone = await stack.person('gone');
  await stack.db.query('UPDATE parley.account SET deactivated = now() WHERE id = $1', [gone.id]);
  const wrong = await login({ ...ada, password: 'another password' });
  expectProblem(wrong, 401, 'bad_login');
  for (const other of [{ ...ada, password: '' }, { ...ada, password: `${ada.password} ` }, { login: 'nobody.is.this', password: ada.password },
    { login: 'not a login', password: ada.password }, { login: '', password: ada.password }, { login: 'x'.repeat(5000), password: ada.password }, gone]) {
    assert.deepEqual(look(await login(other)), look(wrong), other.login);
  }
});

test('and cost the same work', async () => {
  const ada = await stack.person('ada');
  // Processor time, not the clock's: the machine does other things as well.
  const { pid } = stack.daemon('login');
  const workers = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const spent = (): number => workers.reduce((sum, worker) => sum + Number(readFileSync(`/proc/${worker}/schedstat`, 'utf8').split(' ')[0]), 0);
  const logins = [ada.login, 'nobody.is.this', '???'];
  const work = [0, 0, 0];
  for (let i = 0; i < 60; i++) {
    const before = spent();
    expectProblem(await login({ login: logins[i % 3]!, password: 'another password' }), 401, 'bad_login');
    work[i % 3]! += (spent() - before) / 20e6;
  }
  for (const ms of work) assert.ok(ms > work[0]! * 0.85 && ms < work[0]! * 1.18, `${work.join(' ms, ')} ms each`);
});

test('a request that is none is refused', async () => {
  const ada = await stack.person('ada');
  for (const more of [{ login: 7 }, { login: null }, { password: null }, { password: ['x'] }, { password: 'x'.repeat(1025) }, { bearer: 'yes' }, { login: 'a\u0000b' }]) {
    assert.equal((await login(ada, more)).status, 400, JSON.stringify(more));
  }
});

test('a hash made with other parameters is made anew by a login', async () => {
  const ada = await stack.person('ada');
  const hash = async (): Promise<string> =>
    (await stack.db.query<{ password_hash: string }>('SELECT password_hash FROM parley.credential WHERE account_id = $1', [ada.id]))[0]!.password_hash;
  assert.match(await hash(), /^\$argon2id\$v=19\$m=8192,t=1,p=1\$/);
  const kept = await hash();
  await login(ada);
  assert.equal(await hash(), kept, 'no need, no new hash');
  await stack.db.query('UPDATE parley.credential SET password_hash = $2 WHERE account_id = $1', [ada.id, hashOf(ada.password, { PARLEY_ARGON2_MEMORY_KIB: '8192', PARLEY_ARGON2_PASSES: '3' })]);
  expectStatus(await login(ada), 200);
  assert.match(await hash(), /m=8192,t=1,p=1/);
  expectStatus(await login(ada), 200);
});

test('the shipped parameters are OWASP\'s at least', () => {
  const [, memory, passes] = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$/.exec(hashOf('a password of nobody'))!;
  assert.ok(Number(memory) >= 19_456 && Number(passes) >= 2, `m=${memory}, t=${passes}`);
});

test('a temporary password opens nothing but its change', async () => {
  const ada = await stack.person('ada');
  await stack.db.query('UPDATE parley.credential SET must_change_password = true WHERE account_id = $1', [ada.id]);
  assert.equal(expectStatus(await login(ada), 200).account.must_change_password, true);
  assert.equal(expectStatus(await ada.get('/api/me'), 200).account.must_change_password, true);
  for (const path of ['/api/sessions', '/api/accounts', '/api/accounts?ids=1', '/api/relays', '/api/admin/relays']) {
    expectProblem(await ada.get(path), 403, 'password_change');
  }
  expectProblem(await ada.delete('/api/sessions/1'), 403, 'password_change');
  expectStatus(await ada.patch('/api/me', { display_name: 'Ada' }), 200);
  expectStatus(await ada.post('/api/logout'), 204);
});

test('at most 50 sessions: the longest unused ends', async () => {
  const ada = await stack.person('ada');
  const tokens: string[] = [ada.token!];
  for (let i = 0; i < 49; i++) tokens.push(expectStatus(await login(ada, { bearer: true }), 200).token);
  const used = (token: string): Promise<number> => stack.api(token).get('/api/me').then((answer) => answer.status);
  assert.equal(expectStatus(await ada.get('/api/sessions'), 200).sessions.length, 50);
  // The second is the longest unused, though not the oldest.
  await stack.db.query(`UPDATE parley.session SET last_seen = last_seen - interval '1 hour'
    WHERE id = (SELECT id FROM parley.session WHERE account_id = $1 ORDER BY id OFFSET 1 LIMIT 1)`, [ada.id]);
  expectStatus(await login(ada), 200);
  assert.equal(expectStatus(await ada.get('/api/sessions'), 200).sessions.length, 50);
  assert.deepEqual([await used(tokens[0]!), await used(tokens[1]!), await used(tokens[2]!)], [200, 401, 200]);
});

test('many logins at once all end well', async () => {
  const people: Person[] = await Promise.all(Array.from({ length: 4 }, () => stack.person('crowd')));
  const answers = await Promise.all(Array.from({ length: 40 }, (_, i) => login(people[i % 4]!, { bearer: true })));
  assert.deepEqual(new Set(answers.map((answer) => answer.status)), new Set([200]));
  assert.equal(new Set(answers.map((answer) => answer.body.token)).size, 40);
});
