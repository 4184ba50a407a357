// SPDX-License-Identifier: Apache-2.0
// Throttles: by login, by address, of registrations and of changes of password; one count for all workers, kept when they die.

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { beforeEach, test } from 'node:test';
import { type Answer, expectProblem, expectStatus } from '../../lib/http.ts';
import { type Person, useStack } from '../../lib/stack.ts';

const stack = useStack({ relays: ['a'], rates: true, config: { login_rate_limit: '4/60', login_ip_rate_limit: '12/60', register_rate_limit: '5/60', login_workers: 3 } });
const forget = (): Promise<unknown> => stack.db.query('DELETE FROM parley.throttle');
beforeEach(forget);

const fresh = (): string => `new.${randomBytes(6).toString('hex')}`;
const login = (who: string, password: string): Promise<Answer> => stack.api().post('/api/login', { login: who, password });
async function person(): Promise<Person> {
  const ada = await stack.person('ada');
  await forget();
  return ada;
}
const statuses = (answers: Answer[]): number[] => answers.map((answer) => answer.status).sort();

function expectThrottled(answer: Answer): void {
  const problem = expectProblem(answer, 429, 'too_many');
  const seconds = Number(answer.headers.get('retry-after'));
  assert.ok(seconds >= 1 && seconds <= 60, `Retry-After: ${seconds}`);
  assert.equal(problem.retry_after, seconds);
}

test('tries at one login are counted, right ones too, over all workers', async () => {
  const ada = await person();
  assert.deepEqual(statuses(await Promise.all(Array.from({ length: 8 }, () => login(ada.login, 'a wrong password')))), [401, 401, 401, 401, 429, 429, 429, 429]);
  expectThrottled(await login(ada.login, ada.password));
  expectThrottled(await login(ada.login.toUpperCase(), ada.password));
  expectStatus(await ada.get('/api/me'), 200);
});

test('an unknown login is throttled like a known one', async () => {
  const who = fresh();
  for (let i = 0; i < 4; i++) expectProblem(await login(who, 'a wrong password'), 401, 'bad_login');
  expectThrottled(await login(who, 'a wrong password'));
});

test('tries from one address are counted over all logins', async () => {
  const answers = await Promise.all(Array.from({ length: 14 }, (_, i) => login(i % 2 ? fresh() : 'not a login', 'a wrong password')));
  assert.deepEqual(statuses(answers), [...Array<number>(12).fill(401), 429, 429]);
  expectThrottled(answers.find((answer) => answer.status === 429)!);
});

test('the address is the connection\'s; a header changes nothing', async () => {
  for (let i = 0; i < 12; i++) await login(fresh(), 'a wrong password');
  for (const headers of [{ 'x-forwarded-for': '9.9.9.9' }, { forwarded: 'for=9.9.9.9' }, { 'x-real-ip': '9.9.9.9' }]) {
    expectThrottled(await stack.api().post('/api/login', { login: fresh(), password: 'a wrong password' }, { headers: headers as Record<string, string> }));
  }
});

test('a window that is over is forgotten', async () => {
  const ada = await person();
  for (let i = 0; i < 5; i++) await login(ada.login, 'a wrong password');
  expectThrottled(await login(ada.login, ada.password));
  await stack.db.query(`UPDATE parley.throttle SET window_start = window_start - interval '60 seconds'`);
  expectStatus(await login(ada.login, ada.password), 200);
});

test('a restart of the program forgets nothing', async () => {
  const ada = await person();
  for (let i = 0; i < 4; i++) await login(ada.login, 'a wrong password');
  await stack.daemon('login').stop('SIGTERM');
  await stack.startProgram('login');
  expectThrottled(await login(ada.login, ada.password));
});

test('requests that are none are not counted', async () => {
  const ada = await person();
  for (let i = 0; i < 6; i++) expectProblem(await stack.api().post('/api/login', { login: ada.login }), 400, 'invalid');
  for (let i = 0; i < 7; i++) expectProblem(await stack.api().post('/api/register', { login: fresh() }), 400, 'invalid');
  expectStatus(await login(ada.login, ada.password), 200);
  expectStatus(await stack.api().post('/api/register', { login: fresh(), password: 'long enough', display_name: 'X' }), 201);
});

test('registrations from one address are counted, refused ones too', async () => {
  const ada = await person();
  const register = (who: string): Promise<Answer> => stack.api().post('/api/register', { login: who, password: 'long enough', display_name: 'X' });
  expectProblem(await register(ada.login), 409, 'login_taken');
  for (let i = 0; i < 4; i++) expectStatus(await register(fresh()), 201);
  expectThrottled(await register(fresh()));
  expectThrottled(await register(ada.login));
});

test('tries at the current password are counted by account, for all its devices', async () => {
  const ada = await person();
  const { token } = expectStatus(await stack.api().post('/api/login', { login: ada.login, password: ada.password, bearer: true }), 200);
  const change = (t: string | null): Promise<Answer> => stack.api(t).post('/api/password', { current: 'a wrong password', new: 'another password' });
  for (const t of [ada.token, token, ada.token, token]) expectProblem(await change(t), 403, 'wrong_password');
  expectThrottled(await change(ada.token));
  expectThrottled(await ada.post('/api/password', { current: ada.password, new: 'another password' }));
  expectStatus(await login(ada.login, ada.password), 200);
});
