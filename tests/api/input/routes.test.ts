// SPDX-License-Identifier: Apache-2.0
// Bad input at every route that the programs name: paths, queries, heads and bodies get a documented answer below 500, as a
// problem document whose status is its type's, and whoever comes next is served.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { type Answer, expectProblem, expectStatus, type RequestOptions } from '../../lib/http.ts';
import { good, MALFORMED, membersOf, PROBLEMS, type Route, routesOf, VALUES } from '../../lib/input.ts';
import { BIN, type Person, PROGRAMS, useStack } from '../../lib/stack.ts';

const stack = useStack({ relays: ['a'] });
const ROUTES = PROGRAMS.flatMap((program) => routesOf(join(BIN, `${program}.fcgi`)).map((route) => ({ ...route, members: membersOf(program) })));
const JSON_ROUTES = ROUTES.filter((route) => route.body);

let root: Person, victim: Person, group: string;
beforeEach(async () => {
  root ??= await stack.person('root', { admin: true });
  victim ??= await stack.person('victim');
  group ??= await stack.group(root, [victim]);
});

/** Fails unless the answer is a good one, or a problem of the table, never one of ours. */
function expectDocumented(answer: Answer, what: string): void {
  const text = `${what}: ${answer.status} ${JSON.stringify(answer.body)?.slice(0, 300)}`;
  assert.ok(answer.status < 500, text);
  if (answer.status < 400) return;
  const name = String(answer.body?.type).replace('urn:parley:', '');
  assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/, text);
  assert.equal(PROBLEMS.get(name), answer.status, text);
}

const at = (route: Route, id = group): string => route.pattern.replace(/\{account\}/, victim.id).replace(/\{\w+\}/g, id);
/** Asks as an administrator; where that would end the caller's own session, as somebody new. */
async function ask(route: Route, path: string, options: RequestOptions = {}, body?: unknown): Promise<Answer> {
  const who = /\/(logout|password)$/.test(route.pattern) ? await stack.person('nobody') : root;
  return who.call(route.method, path, body ?? (route.body && !options.raw ? {} : undefined), options);
}

describe('a path', () => {
  const segments = ['0', '01', '-1', 'x', '1e3', '%31%00', '%00', '%c0%af', '%ff', '%zz', '%', '9223372036854775808', '%F0%9F%98%80', `${'9'.repeat(5000)}`, '1;x=1', '1%2F2'];
  for (const route of ROUTES) {
    test(`${route.method} ${route.pattern} of segments that are no id, or one more`, async () => {
      const bad = segments.flatMap((segment) => [`${at(route)}/${segment}`, ...(route.pattern.includes('{') ? [at(route, segment)] : [])]);
      await Promise.all(bad.map(async (path) => {
        const answer = await ask(route, path);
        expectDocumented(answer, path);
        assert.ok([400, 404].includes(answer.status), `${path}: ${answer.status}`);
      }));
    });
  }
});

describe('a query', () => {
  for (const route of ROUTES.filter(({ method }) => method === 'GET')) {
    test(`GET ${route.pattern} with parameters that are none`, async () => {
      const malformed = ['q=%zz', 'q=%00', 'q=%', '%ff=1', 'q=%ed%a0%80', Array.from({ length: 33 }, (_, i) => `a${i}=1`).join('&')];
      for (const query of malformed) expectProblem(await root.get(`${at(route)}?${query}`), 400, 'malformed');
      const names = ['q', 'after', 'before', 'around', 'since', 'limit', 'ids', 'state', 'admin'];
      const values = ['', '0', '-1', '01', 'x', '1e3', '1.5', '9223372036854775807', '9223372036854775808', '%F0%9F%98%80', '%25%5F%5C%27', '%E2%80%AE', ',', '1,,2', '%01', 'x'.repeat(6000)];
      for (const name of names) {
        await Promise.all(values.map(async (value) => {
          expectDocumented(await root.get(`${at(route)}?${name}=${value}`), `${route.pattern}?${name}=${value.slice(0, 40)}`);
        }));
      }
    });
  }
});

describe('a body', () => {
  for (const route of JSON_ROUTES) {
    const path = `${route.method} ${route.pattern}`;
    test(`${path} that is no JSON object`, async () => {
      for (const [what, raw] of [...MALFORMED, ['nothing', Buffer.alloc(0)] as const]) {
        const answer = await ask(route, at(route), { raw: raw as Buffer<ArrayBuffer> });
        assert.equal(answer.status, 400, `${path}, ${what}: ${answer.status}`);
        expectDocumented(answer, `${path}, ${what}`);
      }
      for (const raw of ['[]', '7', '"x"', 'true']) expectDocumented(await ask(route, at(route), { raw }), `${path} ${raw}`);
    });

    test(`${path} too large, of another type, from another site, from nobody`, async () => {
      expectProblem(await ask(route, at(route), { raw: 'x'.repeat(262_145) }), 413, 'too_large');
      for (const type of ['text/plain', 'application/jsonx', 'application/json; charset=latin1', '']) {
        expectProblem(await ask(route, at(route), { raw: '{}', headers: { 'content-type': type } }), 415, 'unsupported_type');
      }
      expectProblem(await ask(route, at(route), { token: null, headers: { cookie: 'parley_session=x', origin: 'http://elsewhere.test' } }), 403, 'cross_site');
      if (route.access !== 'anyone') expectProblem(await ask(route, at(route), { token: 'A'.repeat(43), raw: 'no' }), 401, 'unauthenticated');
    });

    test(`${path} with each member that there is set to what it is not`, async () => {
      for (const name of route.members.keys()) {
        await Promise.all(VALUES.map(async (value) => {
          const options = route.pattern === '/api/password' ? { token: null } : {};
          const answer = await root.call(route.method, at(route, /\/admin\//.test(route.pattern) ? victim.id : group), { ...good(route.members, victim.id, group), [name]: value }, options);
          expectDocumented(answer, `${path} ${name}=${JSON.stringify(value)?.slice(0, 60)}`);
        }));
      }
    });
  }
});

test('heads that are none', async () => {
  const heads: Record<string, string>[] = [
    { authorization: 'Bearer' }, { authorization: `Bearer ${'x'.repeat(7000)}` }, { authorization: 'Bearer \u00ff' }, { cookie: 'parley_session' }, { cookie: 'parley_session=""' },
    { cookie: `${'a=b; '.repeat(1500)}` }, { cookie: '=;=;;,parley_session=\u00e9' }, { 'user-agent': '\u00ff\u0001'.slice(0, 1) }, { 'x-forwarded-for': 'x, 1.2.3.4, ,' },
    { origin: 'null' }, { origin: '://' }, { 'sec-fetch-site': '\u00ff' }, { range: 'bytes=0-1' }, { 'content-encoding': 'gzip' }, { 'x-request-id': '\u00ff' },
  ];
  for (const route of ROUTES.filter(({ pattern }) => pattern !== '/api/logout')) {
    for (const headers of heads) {
      const answer = await stack.api().call(route.method, at(route), route.body ? {} : undefined, { headers });
      expectDocumented(answer, `${route.method} ${route.pattern} ${JSON.stringify(headers).slice(0, 60)}`);
    }
  }
});

test('whoever comes next is served', async () => {
  expectStatus(await stack.api().get('/api/health'), 200);
  const next = await stack.person('next');
  for (const route of ROUTES.filter(({ method, pattern }) => method === 'GET' && !pattern.includes('/admin/'))) {
    assert.ok([200, 400, 404].includes((await next.get(at(route))).status), route.pattern);
  }
});
