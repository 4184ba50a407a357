// SPDX-License-Identifier: Apache-2.0
//
// The table of rights, cell by cell (rights.ts): every route and every command, asked by everybody there is. And that no answer
// to somebody outside of a group has a word of it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { beforeEach, describe, test } from 'node:test';
import { expectStatus } from '../lib/http.ts';
import { COMMANDS as NAMES, LIVE_ROUTES, routesOf } from '../lib/input.ts';
import { TRANSPORTS, type Command, type Live, type LiveEvent, type Transport } from '../lib/live.ts';
import { BIN, type Person, PROGRAMS, useStack } from '../lib/stack.ts';
import { until } from '../lib/wait.ts';
import { dismiss, type Everybody, everybody, group, type Group, SECRET } from './people.ts';
import { COMMANDS, OUTSIDE, OVER_POLL, ROUTES, type Row, WHO, type Who } from './rights.ts';

const stack = useStack({ relays: ['a'] });
let all: Everybody, direct: string, session: string, invite: string;
const groups = new Map<Row, Record<string, Group>>();
const groupOf = (row: Row, over = 'http'): Group => groups.get(row)![over]!;

async function build(): Promise<void> {
  all = await everybody(stack);
  direct = await stack.direct(all.author, all.target);
  expectStatus(await all.author.post('/api/messages', { ref: randomUUID(), conversation: direct, body: SECRET }), 201);
  session = expectStatus(await all.author.get('/api/sessions'), 200).sessions[0].id;
  invite = expectStatus(await all.root.post('/api/admin/invites', {}), 201).invite.id;
  const make = async (row: Row, over: readonly string[]): Promise<void> => {
    const kind = { public: row.variant === 'public', archived: row.variant === 'archived', own: row.variant === "one's own" };
    groups.set(row, Object.fromEntries(await Promise.all(over.map(async (name) => [name, await group(all, kind)]))) as Record<string, Group>);
  };
  await Promise.all([...ROUTES.filter(needsGroup).map((row) => make(row, ['http'])), ...COMMANDS.map((row) => make(row, TRANSPORTS))]);
  await dismiss(stack, all);
}
let built: Promise<void> | undefined;
beforeEach(() => (built ??= build()));

function needsGroup(row: Row): boolean {
  return /\{(group|conversation)\}|messages|read$/.test(row.name);
}

test('every route and every command has a row', () => {
  const routes = [...PROGRAMS.flatMap((program) => routesOf(join(BIN, `${program}.fcgi`))), ...LIVE_ROUTES];
  const names = (rows: Row[]): string[] => [...new Set(rows.map(({ name }) => name))].sort();
  assert.deepEqual(names(ROUTES), routes.map(({ method, pattern }) => `${method} ${pattern}`).sort());
  assert.deepEqual(names(COMMANDS), [...NAMES].sort());
});

/** Somebody logged in anew, for what ends a session; whoever has no good credential as they are. */
async function anew(who: Who): Promise<Person> {
  const person = all[who];
  if (['nobody', 'revoked', 'gone'].includes(who)) return person;
  const { token } = expectStatus(await stack.api().post('/api/login', { login: person.login, password: person.password, bearer: true }), 200);
  return Object.assign(stack.api(token), { id: person.id, login: person.login, password: person.password });
}

/** The body of a request that could succeed, by the name of its row. */
const BODIES: Record<string, (who: Who, row: Row) => unknown> = {
  'POST /api/register': () => ({ login: `new.${randomUUID().slice(0, 8)}`, password: 'long enough a password', display_name: 'New' }),
  'POST /api/login': () => ({ login: all.author.login, password: all.author.password, bearer: true }),
  'POST /api/password': () => ({ current: 'it is not this', new: 'long enough a password' }),
  'PATCH /api/me': (who) => ({ display_name: `I am ${who}` }),
  'PATCH /api/conversations/{conversation}/me': (who) => ({ draft: `of ${who}` }),
  'POST /api/direct': () => ({ account: all.target.id }),
  'POST /api/groups': () => ({ title: 'Another', visibility: 'private', ref: randomUUID(), members: [all.target.id] }),
  'PATCH /api/groups/{group}': (who, { variant }) => ({ public: { title: 'Another for all' }, visibility: { visibility: 'public' }, retention: { retention_days: 30 }, archive: { archived: true } }[variant]
    ?? { title: `A title ${SECRET} of ${who}`, topic: SECRET, avatar: '🍲' }),
  'POST /api/groups/{group}/members': (who, { variant }) => ({ '': { accounts: [all.root.id] }, public: { accounts: [all.root.id] }, 'an owner': { accounts: [all.root.id], role: 'owner' },
    'oneself, an owner': { accounts: [all[who].id ?? all.target.id], role: 'owner' } }[variant]),
  'PATCH /api/groups/{group}/members/{account}': () => ({ role: 'owner' }),
  'POST /api/messages': (_, row) => ({ ref: randomUUID(), conversation: groupOf(row).id, body: SECRET }),
  'POST /api/read': (_, row) => ({ conversation: groupOf(row).id, seq: 1 }),
  'POST /api/admin/accounts': (who) => ({ login: `made.${who}`, display_name: 'Made' }),
  'PATCH /api/admin/accounts/{id}': (_, { variant }) => (variant ? { admin: true } : { display_name: 'Renamed' }),
  'POST /api/admin/accounts/{id}/password': () => ({}),
  'POST /api/admin/invites': () => ({}),
  'POST /live/poll': () => ({ session: null, commands: [{ type: 'hello' }] }),
};

/** The ids in a path: of the row's group, of another person, or one's own. */
function pathOf(row: Row, who: Who, conversation: string): string {
  const other = { oneself: all[who], 'oneself, to be admin': all[who], 'another owner': all.friend }[row.variant] ?? all.target;
  const id = row.name.includes('/sessions/') ? session : row.name.includes('/invites/') ? invite : (other.id ?? all.target.id);
  return row.name.split(' ')[1]!.replace(/\{(group|conversation)\}/, conversation).replace('{account}', other.id ?? all.target.id).replace('{id}', id);
}

async function ask(row: Row, who: Who, conversation: string, body = BODIES[row.name]?.(who, row)): Promise<string> {
  const person = row.name === 'POST /api/logout' ? await anew(who) : all[who];
  const answer = await person.call(row.name.split(' ')[0]!, pathOf(row, who, conversation) + (row.name.includes('/changes/') ? '?since=0' : ''), body);
  const joined = row.name.endsWith('/join') && answer.status === 200;
  if (OUTSIDE.includes(who) && !joined) assert.ok(!JSON.stringify(answer.body)?.includes(SECRET), `${who}: ${JSON.stringify(answer.body)}`);
  return String(answer.status);
}

const cellsOf = (list: readonly Who[], cells: string[]): Record<string, string> => Object.fromEntries(list.map((who, i) => [who, cells[i]!]));

describe('a route', () => {
  for (const row of ROUTES) {
    test(`${row.name} ${row.variant}`, async () => {
      const cells: string[] = [];
      for (const who of WHO) cells.push(await ask(row, who, groups.get(row)?.http?.id ?? ''));
      assert.deepEqual(cellsOf(WHO, cells), row.cells);
    });
  }
});

/** Commands that could succeed, but for `type` and `ref`. */
const MEMBERS: Record<string, (at: { conversation: string; seq: number }, transport: Transport) => Record<string, unknown>> = {
  hello: ({ conversation }) => ({ resume: { [conversation]: 0 } }),
  resume: ({ conversation }) => ({ resume: { [conversation]: 0 } }),
  ping: () => ({ n: 1 }),
  send: ({ conversation }) => ({ conversation, body: SECRET }),
  edit: (at) => ({ ...at, body: `${SECRET}, edited` }),
  delete: (at) => at,
  react: (at) => ({ ...at, emoji: '👍' }),
  unreact: (at) => ({ ...at, emoji: '👍' }),
  pin: (at) => at,
  unpin: (at) => at,
  read: (at) => at,
  received: (at) => at,
  typing: ({ conversation }) => ({ conversation }),
  status: (_, transport) => ({ state: 'dnd', text: `over ${transport}` }),
  watch: () => ({ accounts: [all.target.id] }),
};

/** Where success is seen, when it is not `sent` on the connection that asked: by whom, and how. */
const EFFECTS: Record<string, (event: LiveEvent, person: Person) => unknown> = {
  hello: (event) => event.type === 'ready',
  resume: (event) => event.type === 'message',
  ping: (event) => event.type === 'pong',
  watch: (event) => event.type === 'presence' && event.account === all.target.id,
};
const TOLD: Record<string, (event: LiveEvent, person: Person, over: Transport) => unknown> = {
  read: (event, { id }) => event.type === 'read' && event.account === id,
  received: (event, { id }) => event.type === 'received' && event.account === id,
  typing: (event, { id }) => event.type === 'typing' && event.account === id,
  status: (event, { id }, over) => event.type === 'presence' && event.account === id && event.text === `over ${over}`,
};

function outcome(type: string, person: Person, live: Live, witness: Live): string {
  const failed = live.events.find((event) => event.type === 'failed' && event.command === type);
  if (failed) return String(failed.error.status);
  const [effect, told] = [EFFECTS[type], TOLD[type]];
  const seen = told ? witness.events.some((event) => told(event, person, witness.transport))
    : live.events.some((event) => (effect ? effect(event, person) : event.type === 'sent'));
  return seen ? 'ok' : live.ending ? String(live.ending.code) : '-';
}

/** Says hello and one command, all at once where it is to be refused; tells what came of it for each of them. */
async function say(row: Row, list: readonly Who[], transport: Transport, at: (who: Who) => { conversation: string; seq: number }, expected: string[]): Promise<string[]> {
  const witness = stack.open(transport, all.friend);
  await witness.hello();
  witness.send({ type: 'watch', accounts: list.flatMap((who) => all[who].id ?? []) });
  await witness.settle();
  witness.events.length = 0;
  const lives: Live[] = [];
  for (const who of list) {
    const live = stack.open(transport, all[who]);
    const command: Command = { type: row.name, ref: randomUUID(), ...MEMBERS[row.name]!(at(who), transport) };
    const first = row.name === 'hello' ? [] : [{ type: 'hello', ...(row.name === 'resume' ? { more: true } : {}) }];
    live.send(...first, command);
    lives.push(live);
  }
  const cells = (): string[] => list.map((who, i) => outcome(row.name, all[who], lives[i]!, witness));
  await until('all have their answers', () => cells().every((cell, i) => cell === expected[i]), 4000).catch(() => {});
  for (const [i, who] of list.entries()) if (OUTSIDE.includes(who)) assert.ok(!JSON.stringify(lives[i]!.events).includes(SECRET), who);
  return cells();
}

for (const transport of TRANSPORTS) {
  describe(`a command over ${transport}`, () => {
    for (const row of COMMANDS) {
      test(`${row.name} ${row.variant}`, async () => {
        const { id, seq, own } = groupOf(row, transport);
        const expected = WHO.map((who) => (transport === 'poll' && OVER_POLL[row.cells[who]]) || row.cells[who]);
        const cells = await say(row, WHO, transport, (who) => ({ conversation: id, seq: own[who] ?? seq }), expected);
        assert.deepEqual(cellsOf(WHO, cells), cellsOf(WHO, expected));
      });
    }
  });
}

/** To all of them it is what a group is to a stranger. */
describe("others' direct conversation", () => {
  for (const row of ROUTES.filter((each) => needsGroup(each) && !['public', 'archived'].includes(each.variant))) {
    test(`${row.name} ${row.variant}`, async () => {
      const body = BODIES[row.name] && ((who: Who) => ({ ...(BODIES[row.name]!(who, row) as object), ...(/messages|read$/.test(row.name) ? { conversation: direct } : {}) }));
      const cells: string[] = [];
      for (const who of WHO) cells.push(await ask(row, who, direct, body?.(who)));
      assert.deepEqual(cells, WHO.map((who) => (OUTSIDE.includes(who) ? row.cells[who] : row.cells.stranger)));
    });
  }
  const outsiders: readonly Who[] = ['stranger', 'root', 'member', 'owner'];
  for (const row of COMMANDS.filter((each) => each.variant === '' && !['hello', 'ping', 'status', 'watch'].includes(each.name))) {
    test(row.name, async () => {
      const expected = outsiders.map(() => row.cells.stranger);
      assert.deepEqual(await say(row, outsiders, 'ws', () => ({ conversation: direct, seq: 1 }), expected), expected);
    });
  }
});
