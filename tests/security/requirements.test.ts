// SPDX-License-Identifier: Apache-2.0
//
// What others demand of a server like this one, and what others have got wrong: OWASP's ASVS 5.0 (V…), its cheat sheets (CS …) and
// classes of vulnerabilities that chat servers had (CVE-…). Each row is proved here, names the test that proves it, or says why
// it does not apply, with what must be so for that.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { globSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { messageHtml } from '../../www/app/lib/markdown.ts';
import { ROOT } from '../lib/cluster.ts';
import { type Answer, expectProblem, expectStatus } from '../lib/http.ts';
import { type Route, routesOf } from '../lib/input.ts';
import { RawSocket } from '../live/transport/raw.ts';
import { BIN, type Person, PROGRAMS, useStack } from '../lib/stack.ts';

const stack = useStack({ relays: ['a'], rates: true, config: {
  register_rate_limit: 'off', login_ip_rate_limit: '1000/60', login_rate_limit: '5/60', command_rate_limit: 'off', trusted_proxies: '127.0.0.1' } });
const ROUTES = PROGRAMS.flatMap((program) => routesOf(join(BIN, `${program}.fcgi`)));
const WRITES = ROUTES.filter(({ method }) => method !== 'GET');

let root: Person, ada: Person, group: string, cookie: string;
async function build(): Promise<void> {
  root = await stack.person('root', { admin: true });
  ada = await stack.person('ada');
  group = await stack.group(root, [ada]);
  const answer = await stack.api().post('/api/login', { login: root.login, password: root.password });
  cookie = answer.headers.get('set-cookie')!.split(';')[0]!;
}
let built: Promise<void> | undefined;
beforeEach(() => (built ??= build()));

type Proof = (() => Promise<void> | void) | { file: string; title: string } | { reason: string; holds: () => boolean };
const by = (file: string, title: string): Proof => ({ file: `tests/${file}`, title });
/** Does not apply as long as `holds`. */
const none = (reason: string, holds: () => boolean): Proof => ({ reason, holds });

const source = (pattern: string): string => globSync(pattern, { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');
const noUpload = (): boolean => !ROUTES.some(({ pattern }) => /upload|media|file/.test(pattern)) && !readdirSync(join(ROOT, 'fcgi')).includes('media');
const noClient = (): boolean => [...PROGRAMS.map((name) => `${name}.fcgi`), 'relay'].every((name) => !/libcurl/.test(execFileSync('ldd', [join(BIN, name)], { encoding: 'utf8' })));
const noTls = (): boolean => !/ssl_certificate/.test(source('conf/nginx/*'));
const noProvider = (): boolean => !ROUTES.some(({ pattern }) => /oauth|oidc|saml|totp|factor/.test(pattern));

const at = ({ pattern }: Route): string => pattern.replace('{account}', ada.id).replace(/\{\w+\}/, group);

/** Bytes to the web server, and the status lines of what comes back until it closes. */
function raw(text: string): Promise<{ statuses: number[]; text: string }> {
  return new Promise((done) => {
    const socket = connect(stack.port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let got = '';
    socket.on('data', (data) => (got += data.toString('latin1'))).on('error', () => {});
    socket.on('close', () => done({ statuses: [...got.matchAll(/^HTTP\/1\.1 (\d+)/gm)].map(([, status]) => Number(status)), text: got }));
  });
}

async function crossSite(): Promise<void> {
  for (const route of WRITES) {
    for (const headers of [{ origin: 'http://evil.test' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }] as Record<string, string>[]) {
      for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
        const answer = await stack.api().call(route.method, at(route), {}, { headers: { cookie, 'content-type': type, ...headers } });
        expectProblem(answer, 403, 'cross_site');
      }
    }
  }
}

/** A form of another page can be sent without a question to the server as these; and never as JSON. */
async function simpleTypes(): Promise<void> {
  for (const route of WRITES.filter(({ body }) => body)) {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain;application/json', '']) {
      const answer = await root.call(route.method, at(route), undefined, { raw: '{}', headers: { 'content-type': type } });
      expectProblem(answer, 415, 'unsupported_type');
    }
  }
}

async function methods(): Promise<void> {
  for (const route of WRITES.filter(({ method, pattern }) => !ROUTES.some((other) => other.method === 'GET' && other.pattern === pattern) && method !== 'GET')) {
    for (const query of ['', '?_method=POST', '?_method=DELETE']) {
      const answer = await root.get(at(route) + query, { headers: { 'x-http-method-override': route.method, 'x-http-method': route.method } });
      expectProblem(answer, 405, 'method_not_allowed');
    }
  }
}

const PLACES = ['/', '/login', '/invite/x', '/admin/', '/docs/', '/nowhere.js', '/assets/', '/sw.js', '/version.json', '/api/health', '/api/me', '/api/nowhere', '/live/ws', '/live/nowhere/poll', '/%2e%2e/', '/.git/config'];
async function headers(): Promise<void> {
  for (const place of PLACES) {
    const { headers: got } = await stack.api().get(place);
    assert.equal(got.get('x-content-type-options'), 'nosniff', place);
    assert.ok(got.get('content-type'), place);
    assert.equal(got.get('access-control-allow-origin'), null, place);
    assert.doesNotMatch(got.get('server') ?? '', /\d/, place);
    const html = /html/.test(got.get('content-type')!);
    if (/^\/(api|live)/.test(place)) assert.equal(got.get('cache-control'), 'no-store', place);
    if (!html) continue;
    assert.match(got.get('content-security-policy') ?? '', /default-src 'none';.*frame-ancestors 'none'/, place);
    assert.doesNotMatch(got.get('content-security-policy')!, /unsafe|\*/, place);
    assert.equal(got.get('referrer-policy'), 'no-referrer', place);
    assert.equal(got.get('cross-origin-opener-policy'), 'same-origin', place);
  }
}

function hsts(): void {
  const render = (...more: string[]): string => execFileSync(join(ROOT, 'conf/nginx/render'), ['--listen', '127.0.0.1:1', '--run', '/run', '--www', '/www', ...more], { encoding: 'utf8' });
  assert.match(render('--hsts'), /Strict-Transport-Security "max-age=31536000" always/);
  assert.doesNotMatch(render(), /Strict-Transport-Security/);
  assert.match(source('conf/run.d/services.sh'), /public_url\]} != https:\* .*hsts=\(--hsts\)/);
}

/** Of a program and its workers no socket is a TCP one that listens. */
function ports(): void {
  const listening = new Set(['tcp', 'tcp6'].flatMap((kind) => readFileSync(`/proc/net/${kind}`, 'utf8').split('\n').map((line) => line.trim().split(/\s+/)).filter((words) => words[3] === '0A').map((words) => words[9])));
  for (const name of [...PROGRAMS, 'relay-a']) {
    const { pid } = stack.daemon(name);
    for (const each of [pid, ...readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)]) {
      const inodes = readdirSync(`/proc/${each}/fd`).map((fd) => /socket:\[(\d+)\]/.exec(readlinkSync(`/proc/${each}/fd/${fd}`))?.[1]);
      assert.ok(inodes.some(Boolean) && !inodes.some((inode) => inode && listening.has(inode)), name);
    }
  }
}

/** Redirects stay here, whatever the path or the Host says. */
async function redirects(): Promise<void> {
  for (const path of ['//evil.test/', '//evil.test/..', '/\\evil.test', '/%2f%2fevil.test', '//evil.test/admin', '/docs', '/admin', '/admin//evil.test', '/login?next=//evil.test', '/?url=http://evil.test', '/%0d%0aLocation:%20http://evil.test']) {
    const { text } = await raw(`GET ${path} HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n`);
    const location = /^location: *(.*?)\r?$/im.exec(text)?.[1] ?? '';
    assert.doesNotMatch(location, /evil|^(https?:)?\/\//, `${path}: ${location}`);
    assert.doesNotMatch(text, /^set-cookie/im, path);
  }
}

async function headerInjection(): Promise<void> {
  const lines = '\r\nSet-Cookie: parley_session=evil\r\nX-Evil: 1';
  for (const path of [`/${encodeURIComponent(lines)}`, `/api/accounts?q=${encodeURIComponent(lines)}`, `/api/${encodeURIComponent(lines)}`, `/live/${encodeURIComponent(lines)}/poll`, `/docs${encodeURIComponent(lines)}`]) {
    const { text } = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${ada.token}\r\nOrigin: x\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(text.split('\r\n\r\n')[0]!, /^(set-cookie|x-evil)/im, path);
  }
  for (const body of [{ login: 'x\r\ny' }, { display_name: 'x\r\ny' }]) {
    expectProblem(await stack.api().post('/api/register', { login: `n.${randomUUID().slice(0, 8)}`, password: 'long enough a password', display_name: 'N', ...body }), 400, 'invalid');
  }
}

/** Where the web server and the programs could part a stream of requests differently. */
async function smuggling(): Promise<void> {
  const inner = 'GET /api/me HTTP/1.1\r\nHost: x\r\n\r\n';
  const head = 'POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const cases: [what: string, text: string][] = [
    ['length and chunks', `${head}Content-Length: ${5 + inner.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`],
    ['two lengths', `${head}Content-Length: 0\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`],
    ['a list of lengths', `${head}Content-Length: 0, ${inner.length}\r\n\r\n${inner}`],
    ['a length with a sign', `${head}Content-Length: +0\r\n\r\n${inner}`],
    ['an unknown coding', `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${inner}`],
    ['a space before the colon', `${head}Content-Length : ${inner.length}\r\n\r\n${inner}`],
    ['chunks over the relay', `POST /live/poll HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${inner}`],
  ];
  for (const [what, text] of cases) {
    const { statuses } = await raw(text);
    assert.deepEqual(statuses, [400], `${what}: ${statuses.join(' ')}`);
  }
}

async function staticFiles(): Promise<void> {
  for (const path of ['/../../etc/passwd', '/assets/../../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/..%2f..%2fetc/passwd', '/%c0%ae%c0%ae/etc/passwd', '/docs/..%5c..%5cetc/passwd', '/assets/%00/etc/passwd', '/.git/config', '/conf/parley.conf', '/parley.conf', '/run/login.sock', '/assets.json~']) {
    const { text, statuses } = await raw(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.doesNotMatch(text, /root:x:|\[core\]|argon2_memory|listing|Index of/, path);
    assert.ok([200, 400, 404].includes(statuses[0]!), `${path}: ${statuses[0]}`);
  }
  for (const method of ['TRACE', 'TRACK', 'CONNECT', 'PROPFIND', 'DEBUG']) {
    const { statuses, text } = await raw(`${method} /api/me HTTP/1.1\r\nHost: x\r\nX-Secret: echo\r\nConnection: close\r\n\r\n`);
    assert.ok([400, 405].includes(statuses[0]!), `${method}: ${statuses[0]}`);
    assert.doesNotMatch(text, /X-Secret/, method);
  }
}

/** Of somebody who is done with it: nginx writes a request line into its error log when the connection breaks. */
async function tokenInUrl(): Promise<void> {
  const { token } = await stack.person('careless');
  for (const name of ['token', 'access_token', 'parley_session', 'authorization', 'bearer']) {
    expectProblem(await stack.api().get(`/api/me?${name}=${token}`), 401, 'unauthenticated');
    const socket = await RawSocket.open(stack.port, {}, `/live/ws?${name}=${token}`);
    socket.say({ type: 'hello' });
    assert.equal(await socket.closed(), 4001, name);
  }
}

/** What one may not say about oneself is not heard: by no way in. */
async function massAssignment(): Promise<void> {
  const extra = { id: '1', account: { id: '1', admin: true }, admin: true, is_admin: true, role: 'owner', login: 'root', must_change_password: true, deactivated: true, password_hash: 'x', created: '2000-01-01T00:00:00.000Z' };
  const login = `mass.${randomUUID().slice(0, 8)}`;
  const made = expectStatus(await stack.api().post('/api/register', { ...extra, login, password: 'long enough a password', display_name: 'Mass' }), 201).account;
  assert.deepEqual([made.login, made.admin ?? false, made.must_change_password ?? false], [login, false, false]);
  const me = expectStatus(await ada.patch('/api/me', { ...extra, display_name: 'Ada' }), 200).account;
  assert.deepEqual([me.id, me.login, me.admin ?? false, me.must_change_password ?? false], [ada.id, ada.login, false, false]);
  expectStatus(await ada.patch(`/api/conversations/${group}/me`, { ...extra, my_role: 'owner', favourite: true }), 200);
  const row = expectStatus(await ada.get(`/api/conversations/${group}`), 200).conversation;
  assert.equal(row.my_role, 'member');
  const stored = { sender: root.id, seq: 1000, mod: 1000, id: '1', time: '2000-01-01T00:00:00.000Z', kind: 'system', action: { type: 'title', title: 'x' }, edited: '2000-01-01T00:00:00.000Z', deleted: true, pinned: true, reactions: [{ emoji: '👍', count: 1, accounts: [root.id] }] };
  const { message } = expectStatus(await ada.post('/api/messages', { ...stored, ref: randomUUID(), conversation: group, body: 'mine' }), 201);
  const live = stack.open('ws', ada);
  await live.hello();
  const sent = await live.say(group, 'mine', stored);
  const { messages } = expectStatus(await root.get(`/api/history/${group}`), 200);
  for (const seq of [message.seq, sent.seq]) {
    const found = messages.find((each: any) => each.seq === seq);
    assert.deepEqual([found.sender, found.kind, found.deleted ?? false, found.pinned ?? false, found.edited ?? null, found.reactions ?? []], [ada.id, 'text', false, false, null, []]);
    assert.ok(seq < 1000 && found.time > '2026');
  }
}

/** No answer has a hash, nor a token that was not asked for. */
async function noSecrets(): Promise<void> {
  const answers: [string, Answer][] = [];
  for (const route of ROUTES.filter(({ method }) => method === 'GET')) answers.push([route.pattern, await root.get(`${at(route)}?since=0`)], [route.pattern, await ada.get(at(route))]);
  answers.push(['login', await stack.api().post('/api/login', { login: ada.login, password: ada.password })]);
  answers.push(['me', await ada.patch('/api/me', { display_name: 'Ada' })], ['account', await root.get(`/api/admin/accounts/${ada.id}`)]);
  const live = stack.open('ws', root);
  await live.hello({ resume: { [group]: 0 } });
  for (const [what, text] of [...answers.map(([name, { body }]) => [name, JSON.stringify(body) ?? '']), ['live', JSON.stringify(live.events)]] as [string, string][]) {
    assert.doesNotMatch(text, /argon2|hash|secret|"password"/i, what);
    assert.ok(!text.includes(ada.token!) && !text.includes(root.token!), what);
  }
}

async function tokens(): Promise<void> {
  const person = await stack.person('tokens');
  const seen = new Set<string>([person.token!]);
  for (let i = 0; i < 3; i++) {
    const planted = `parley_session=${'A'.repeat(43)}`;
    const answer = await stack.api().post('/api/login', { login: person.login, password: person.password }, { headers: { cookie: planted } });
    const token = /parley_session=([^;]*)/.exec(answer.headers.get('set-cookie')!)![1]!;
    assert.match(token, /^[A-Za-z0-9_-]{43}$/); // 256 bits
    assert.ok(!seen.has(token) && token !== 'A'.repeat(43));
    seen.add(token);
  }
  expectProblem(await stack.api('A'.repeat(43)).get('/api/me'), 401, 'unauthenticated');
}

/** Tokens are looked up by their hash, and compared, where they are, in constant time. */
function constantTime(): void {
  assert.doesNotMatch(source('fcgi/**/*.c'), /\b(memcmp|strcmp|strncmp)\([^")]*(token|hash|password)/);
  assert.match(source('fcgi/lib/token.c'), /sodium_memcmp/);
}

async function passwords(): Promise<void> {
  const long = `${'p'.repeat(99)}1${'p'.repeat(900)}`;
  for (const password of [long, '          ', 'пароль-пароль', '🔑'.repeat(10), 'aaaaaaaaaa']) {
    const login = `pw.${randomUUID().slice(0, 8)}`;
    expectStatus(await stack.api().post('/api/register', { login, password, display_name: 'P' }), 201);
    expectStatus(await stack.api().post('/api/login', { login, password, bearer: true }), 200);
    expectProblem(await stack.api().post('/api/login', { login, password: `${[...password].slice(0, -1).join('')}?`, bearer: true }), 401, 'bad_login');
    if (password === long) expectProblem(await stack.api().post('/api/login', { login, password: long.replace('1', '2') }), 401, 'bad_login');
  }
}

/** From a hundred addresses, which the trusted proxy before us tells: the account's limit is the same. */
async function manyAddresses(): Promise<void> {
  const victim = await stack.person('victim');
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) =>
    stack.api().post('/api/login', { login: victim.login, password: 'it is not this' }, { headers: { 'x-forwarded-for': `203.0.113.${i}` } })));
  assert.ok(answers.filter(({ status }) => status === 401).length <= 5);
  const { headers: got } = answers.find(({ status }) => status === 429)!;
  assert.ok(Number(got.get('retry-after')) > 0);
  // Who is in stays in.
  expectStatus(await victim.get('/api/me'), 200);
}

async function homoglyphs(): Promise<void> {
  const taken = await stack.person('admin');
  for (const login of [taken.login.replace('a', 'а'), taken.login.replace('i', 'ı'), `${taken.login}\u200b`, `\u202e${taken.login}`, taken.login.replace('a', 'ａ'), ` ${taken.login}`, `${taken.login}\u0000`]) {
    const status = (await stack.api().post('/api/register', { login, password: 'long enough a password', display_name: 'A' })).status;
    assert.equal(status, 400, JSON.stringify(login));
  }
  expectProblem(await stack.api().post('/api/register', { login: taken.login.toUpperCase(), password: 'long enough a password', display_name: 'A' }), 409, 'login_taken');
}

/** Texts of the greatest length that cost parsers the most. */
function markdown(): void {
  const most = 16_000;
  const fill = (piece: string): string => piece.repeat(Math.ceil(most / piece.length)).slice(0, most);
  for (const piece of ['[', '![', '](', '[a](', '*a ', '**a', '_a_', '`', '``a', '> ', '>', '- ', '1. ', '<', '<!--', '&', '\\', '|', '|-', '~~', 'http://', 'www.a.', 'a@b.', '@a', '[a][', '* * ', '\t', '#', '```\n', '[](<', ':/', '((((', "'\"", '-\n', 'a\n> ', '😀\u200d']) {
    const started = performance.now();
    try {
      messageHtml(fill(piece), [{ id: '1', login: 'a', name: 'A', me: false }]);
    } catch (error) {
      assert.match(String(error), /sanitize|DOMPurify|TypeError/); // nothing here to clean it with
    }
    const took = performance.now() - started;
    assert.ok(took < 1000, `${JSON.stringify(piece)}: ${took.toFixed(0)} ms`);
  }
}

async function search(): Promise<void> {
  for (const q of ['%'.repeat(80), '_'.repeat(80), '%_'.repeat(40), '\\'.repeat(80), '(a+)+$', '.*'.repeat(40), "'; SELECT pg_sleep(9)--", '& | ! <->', '[[:alpha:]]']) {
    const started = performance.now();
    for (const path of ['/api/accounts', '/api/groups', '/api/admin/accounts']) expectStatus(await root.get(`${path}?q=${encodeURIComponent(q)}`), 200);
    assert.ok(performance.now() - started < 2000, q);
  }
}

async function bombs(): Promise<void> {
  const { gzipSync } = await import('node:zlib');
  const bomb = gzipSync(Buffer.alloc(10_000_000, 32));
  const answer = await ada.post('/api/messages', undefined, { raw: bomb as Buffer<ArrayBuffer>, headers: { 'content-encoding': 'gzip', 'content-type': 'application/json' } });
  assert.equal(answer.status, 400);
}

/** Errors tell what to do, and nothing about what is inside. */
async function errors(): Promise<void> {
  for (const [path, body] of [['/api/groups', { title: 'x', ref: 'x' }], ['/api/direct', { account: '9223372036854775807' }], ['/api/messages', { ref: randomUUID(), conversation: '1', body: "'" }], ['/api/read', { conversation: group, seq: 1e300 }]] as const) {
    const text = JSON.stringify((await ada.post(path, body)).body);
    assert.doesNotMatch(text, /parley\.|api\.|SELECT|pg_|PostgreSQL|\/work|\/home|\.c:|line \d/, text);
  }
}

/** At the end: what was asked with tokens and passwords left none of them in a log. */
function logs(): void {
  const dir = join(stack.dir, 'log');
  const text = readdirSync(dir).map((file) => readFileSync(join(dir, file), 'utf8')).join('\n');
  for (const secret of [ada.token!, root.token!, cookie.split('=')[1]!, ada.password, root.password, 'it is not this']) assert.ok(!text.includes(secret), text.split('\n').find((line) => line.includes(secret)));
  assert.match(text, /POST \/api\/login/);
}

const ROWS: [id: string, what: string, proof: Proof][] = [
  // Input and output
  ['V1.2.1', 'names, titles and texts are shown as text', by('browser/writing.test.ts', 'what a message may hold is text: no markup, no script, no foreign address')],
  ['V1.2.4, S25', 'SQL gets parameters only', by('lint/rules.ts', 'SQL outside of sql/')],
  ['V1.3.1, V3.2.2, S18', 'HTML is set in one cleaned place', by('lint/rules.ts', 'HTML is set in the markdown component only')],
  ['V1.3.6, S26', 'server-side requests', none('no program asks another server for anything: there are no link previews and no push', noClient)],
  ['CVE-2022-31052', 'link previews', none('there are none', noClient)],
  ['V1.4.1', 'memory', by('live/sanitizer/planted.test.ts', 'a planted fault')],
  ['V1.5.2, CVE-2021-22911', 'values of another type are refused everywhere', by('api/input/routes.test.ts', 'with each member that there is set to what it is not')],
  ['CVE-2026-10080', 'likewise in every live command', by('live/transport/input.test.ts', 'with each member that there is set to what it is not')],
  ['CVE-2025-30355', 'numbers out of range', by('lib/input.ts', '9223372036854775808')],
  ['GHSA-j5vq-62gr-8v3r', 'bytes that are no UTF-8', by('live/transport/conformance.test.ts', 'SEQUENCES')],
  ['CVE-2024-52815', 'odd texts that were taken are read by everybody', by('live/transport/input.test.ts', 'Texts that are odd but good come out everywhere as they went in')],
  ['CVE-2022-36059', 'keys that JavaScript knows', by('lib/input.ts', '__proto__')],
  ['header injection', 'no text becomes a header', headerInjection],
  ['V2.3.1', 'commands of a session run in order', by('live/transport/poll.test.ts', 'run in order, whatever order they come in')],
  ['V2.4.1, S22', 'rates', by('live/commands/rates.test.ts', 'messages are counted for the account, on all its sessions')],
  ['markdown DoS', 'a text of 16,000 characters is shown within a second, whatever it is', markdown],
  ['regular-expression DoS', 'a search is answered at once, and its wildcards are letters', search],
  ['S19, bombs', 'a compressed body is not unpacked', bombs],
  // Browsers
  ['V3.3.1, S6', 'the cookie is secure where the address is', by('api/login/site.test.ts', 'where the address is https the cookie is secure, and only that address is ours')],
  ['V3.3.2, V3.3.4', 'and is HttpOnly, SameSite', by('api/login/login.test.ts', 'a login sets a cookie that scripts cannot read')],
  ['V3.3.3', '__Host-', none('the cookie is parley_session (protocol.md section 1), bound to its host by having no Domain', () => /parley_session/.test(source('fcgi/lib/credential.*')))],
  ['V3.4.1', 'HSTS where the address is https', hsts],
  ['V3.4.2', 'no other site reads an answer', by('api/login/site.test.ts', 'other sites read nothing')],
  ['V3.4.3 to 3.4.6, V4.1.1, S17', 'headers of every answer', headers],
  ['V3.5.1, S7, CS CSRF', 'every change with the cookie from another site, as whatever type, is refused', crossSite],
  ['V3.5.2, CS CSRF', 'a body that a form can send is none', simpleTypes],
  ['V3.5.3', 'a GET changes nothing, whatever it says of itself', methods],
  ['V3.7.2, open redirect', 'no address leads away, by a path or a Host', redirects],
  ['open redirect', 'nor after the login', by('browser/addresses.test.ts', 'next leads to this site only')],
  ['CVE-2023-6458', 'paths of the application that are none', by('browser/addresses.test.ts', 'what is not there or not ours says so')],
  // HTTP, WebSocket
  ['V4.1.3, S20, CVE-2022-2366', 'X-Forwarded-For counts from a trusted proxy only', by('api/login/throttle.test.ts', "the address is the connection")],
  ['V4.2.1, S21', 'requests within requests', smuggling],
  ['V4.4.2, S1, CVE-2023-3581', 'an upgrade with a foreign Origin is refused', by('live/transport/door.test.ts', "['a foreign origin', ")],
  ['S1', 'without an Origin it comes from no browser: allowed, and it still needs a credential', by('live/transport/door.test.ts', 'is not refused for a bad credential: hello says it')],
  ['V4.4.3', 'the same tokens open both', by('live/transport/door.test.ts', 'carries the credential in a cookie, a header or in hello')],
  ['CS WebSocket', 'a message has a greatest length', by('live/transport/frames.test.ts', 'may be as long as the limit, and no longer')],
  ['CS WebSocket', 'who is silent is dropped', by('live/transport/heartbeat.test.ts', 'pings the silent, keeps who answers and drops who does not')],
  ['CS WebSocket', 'an account has so many connections', by('live/transport/bounds.test.ts', 'above the bound end the oldest')],
  ['CS WebSocket', 'no compression', by('live/transport/door.test.ts', 'compresses nothing, whatever is offered')],
  ['CVE-2026-5740', 'a length that is announced costs nothing', by('live/transport/frames.test.ts', 'a length of 2^63 - 1')],
  ['files of the server', 'no path leads out of the web folder; odd methods are none', staticFiles],
  ['CVE-2021-43799', 'only the web server listens on a port', ports],
  // Files
  ['V5', 'uploads: types, sizes, names, archives, images', none('no file can be uploaded yet', noUpload)],
  ['CVE-2024-53863, CVE-2024-37303, S19', 'thumbnails, planted media, zip and image bombs', none('no file can be uploaded yet', noUpload)],
  // Authentication
  ['V6.2.1, V6.2.2, V6.2.9', 'passwords of 10 to 1,024 bytes', by('api/login/register.test.ts', 'the limits of lengths are in')],
  ['V6.2.3', 'a change needs the current one', by('api/login/password.test.ts', 'a wrong current password changes nothing')],
  ['V6.2.5, V6.2.8, S9', 'any composition, every character counts', passwords],
  ['V6.2.4, V6.2.12', 'lists of passwords that leaked', none('protocol.md section 1: 10 bytes at least, no other rule', () => !/breach|pwned/i.test(source('fcgi/login/*.c')))],
  ['V6.2.6, V6.2.7', 'the field is a password field that can be pasted into', none('it is, by its type, and nothing listens for paste there', () => /type: shown \? 'text' : 'password'/.test(source('www/**/*.tsx')) && !/onPaste[^\n]*password/.test(source('www/**/*.tsx')))],
  ['V6.3.1, S11', 'tries are counted by account, from one address', by('api/login/throttle.test.ts', 'tries at one login are counted, right ones too, over all workers')],
  ['V6.3.1, S11', 'and from a hundred', manyAddresses],
  ['V6.3.1', 'and by address over all accounts', by('api/login/throttle.test.ts', 'tries from one address are counted over all logins')],
  ['V6.3.2', 'no account is there by itself but the first administrator, with a password of its own making', by('startstop/life.test.ts', 'the ready line says the address, who reaches it and where the password is')],
  ['V6.3.3, V6.5, V6.6, V6.8', 'second factors and other providers', none('there are none yet', noProvider)],
  ['V6.3.4, CVE-2026-28514', 'every way in asks for the same', by('security/rights.test.ts', 'a command over ${transport}')],
  ['V6.3.8, S12', 'an unknown login is told like a wrong password', by('api/login/login.test.ts', 'a wrong password, an unknown login and a deactivated account are one and the same')],
  ['V6.3.8, S12', 'and takes the same work', by('api/login/login.test.ts', 'and cost the same work')],
  ['V6.4.1, S13, CVE-2016-11074', 'a temporary password opens its change only, an invite one door once', by('api/login/registration.test.ts', 'an invite lets one person in, once')],
  ['S23', 'a temporary password is of our making', by('api/admin/accounts.test.ts', 'an account is made with a temporary password of our making')],
  ['CS password storage, S10', 'Argon2id as OWASP asks for', by('api/login/login.test.ts', "the shipped parameters are OWASP")],
  ['CS password storage', 'an older hash is made anew', by('api/login/login.test.ts', 'a hash made with other parameters is made anew by a login')],
  ['homoglyph logins', 'a login is of ASCII, folded', homoglyphs],
  ['homoglyph names', 'a name has no control or bidi characters', by('api/login/register.test.ts', 'that is none is refused')],
  // Sessions
  ['V7.2.2, V7.2.3, V7.2.4, S4, S5', 'tokens are new at each login, of 256 bits; a planted one is none', tokens],
  ['S4', 'the database has their hashes', by('api/login/login.test.ts', 'the database holds no token')],
  ['timing of token compare', 'constant', constantTime],
  ['token in URL, S8', 'is none', tokenInUrl],
  ['V7.3.1, V7.3.2', 'sessions end unused, and by age', by('api/login/session.test.ts', 'an unused session ends, and one that is a year old')],
  ['V7.4.1, S3', 'a logout ends its connections', by('api/login/session.test.ts', 'logging out ends the session, its cookie and its live connections')],
  ['V7.4.2, S3', 'so does a deactivation', by('api/admin/accounts.test.ts', 'a deactivated account is out at once, and cannot come back until it may')],
  ['V7.4.3, S3', 'and a new password, for the others', by('api/login/password.test.ts', 'every other session ends at once, with its live connections; this one goes on')],
  ['V7.4.5', 'an administrator ends them', by('api/admin/password.test.ts', 'a temporary password replaces the old one, ends all sessions and must be changed')],
  ['V7.5.2', 'one sees and ends one\'s own', by('api/login/session.test.ts', 'one is revoked, and is dead at once')],
  // Access
  ['V8.2.1, V8.2.2, S14, IDOR', 'every route and command, by everybody', by('security/rights.test.ts', 'every route and every command has a row')],
  ['V8.2.2, IDOR', "others' direct conversations", by('security/rights.test.ts', "others' direct conversation")],
  ['V8.2.3, S15, mass assignment', 'what one may not say of oneself is not heard', massAssignment],
  ['V8.2.3, GHSA-r67m-mf7v-qp7j', 'no answer has a hash or a token', noSecrets],
  ['GHSA-q7rx-w656-fwmv', 'what is the sender\'s is told the sender only', by('live/commands/send.test.ts', 'crosses relays and shows the ref to its sender only')],
  ['CVE-2026-2578', 'a deleted message has no text', by('api/history/changes.test.ts', 'a deleted message is a row without its body')],
  ['V8.3.2, S16, Campfire 1.4.8', 'who is removed hears nothing more', by('live/catchup/account.test.ts', 'who is removed hears left, once, on every device, and nothing after')],
  ['search and previews', 'a directory shows public groups only, without their texts', by('api/groups/groups.test.ts', 'a public group shows itself, a private one does not exist for others')],
  ['CVE-2022-31134', 'exports', none('there are none but the database\'s own backup', () => !ROUTES.some(({ pattern }) => /export/.test(pattern)))],
  ['S24', 'the programs\' database roles can do no more than they must', by('sql/live/privileges.sql', "Each tries the others' doors")],
  ['S27', 'end-to-end encryption', none('there is none yet', () => !/e2ee|ratchet/i.test(source('fcgi/**/*.h')))],
  // Communication, errors, logs
  ['V12, V4.4.1, S2', 'TLS', none('ends in front of Parley (README, "Behind a TLS proxy"); all that is inside is unix sockets', noTls)],
  ['V16.5.1', 'errors tell nothing of the inside', errors],
  ['V16.5.2', 'a program or database that is away is 503', by('api/login/relays.test.ts', 'a program that is away is 503 with Retry-After, and its routes alone')],
  ['load shedding', 'a relay that is full refuses, and goes on', by('live/transport/full.test.ts', 'refuses who comes, with 503 and Retry-After')],
  ['load shedding', 'a conversation that cannot be written delays itself', by('live/writer/fate.test.ts', 'a conversation that somebody holds locked delays itself and is answered unavailable')],
  ['load shedding', 'a session without room is told behind', by('live/transport/bounds.test.ts', 'is told behind, and resumes from where it was')],
  ['V16.3.1, S23', 'administration is recorded', by('api/admin/insight.test.ts', 'the record is read newest first, in pages, and holds no secret')],
  ['V16.2.5, S8', 'no log has a token or a password', logs],
];

describe('each requirement', () => {
  for (const [id, what, proof] of ROWS) {
    if (typeof proof === 'function') test(`${id}: ${what}`, proof);
    else if ('reason' in proof) test(`${id}: ${what} (does not apply: ${proof.reason})`, () => assert.ok(proof.holds(), 'it applies now: it wants a test'));
    else test(`${id}: ${what} (${proof.file})`, () => assert.ok(readFileSync(join(ROOT, proof.file), 'utf8').includes(proof.title), `${proof.file} has no "${proof.title}" any more`));
  }
});
