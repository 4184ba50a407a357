// SPDX-License-Identifier: Apache-2.0
//
// A relay at its limits: of sessions (sessions_max), and of the files that the system lets it have. New work is refused or waits,
// what is there goes on, and all is as before when there is room again.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { beforeEach, describe, it } from 'node:test';
import { asAccount } from '../../lib/cluster.ts';
import { TRANSPORTS } from '../../lib/live.ts';
import { useStack, type Person } from '../../lib/stack.ts';
import { pause, until } from '../../lib/wait.ts';
import { http, RawSocket, ready, type RawAnswer } from './raw.ts';

const ROOM = 4;
const stack = useStack({ relays: ['a'], config: { sessions_max: ROOM } });
const path = (): string => stack.socket('relay-a');

let ada: Person, bob: Person;
beforeEach(async () => {
  ada ??= await stack.person('ada');
  bob ??= await stack.person('bob');
});

const opening = { session: null, commands: [{ type: 'hello' }] };
const poll = (): Promise<RawAnswer> => http(path(), 'POST', '/live/poll', opening, { authorization: `Bearer ${bob.token}` });

describe('a relay without a file descriptor left', () => {
  const pid = (): number => stack.daemon('relay-a').pid;
  const limit = (files: number): void => void execFileSync(...asAccount(['prlimit', '--pid', String(pid()), `--nofile=${files}:`]));
  /** Seconds of a core that it has used. */
  const used = (): number => {
    const words = readFileSync(`/proc/${pid()}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(words[11]) + Number(words[12])) / 100;
  };

  it('serves who is there, lets others wait without turning in circles, and takes them when it has some', async () => {
    const files = Number(/Max open files +(\d+)/.exec(readFileSync(`/proc/${pid()}/limits`, 'utf8'))![1]);
    const there = await ready(path(), ada.token);
    limit(readdirSync(`/proc/${pid()}/fd`).length);
    const waiting = Array.from({ length: 20 }, () => RawSocket.open(path(), { Connection: 'close', Upgrade: undefined }, '/nowhere'));
    const before = used();
    await pause(1000);
    assert.ok(used() - before < 0.2, `${used() - before} s of a core in 1 s`);
    there.say({ type: 'ping', n: 1 });
    assert.equal((await there.event('pong')).n, 1);
    limit(files);
    for (const raw of await Promise.all(waiting)) {
      assert.equal(raw.status, 404);
      raw.end();
    }
    assert.match(stack.daemon('relay-a').tail(), /accept: /);
    there.end();
  });
});

describe('a relay with as many sessions as it may have', () => {
  it('refuses who comes, with 503 and Retry-After, and serves who is there', async () => {
    const conversation = await stack.direct(ada, bob);
    const lives = TRANSPORTS.flatMap((transport) => [ada, bob].map((person) => stack.open(transport, person)));
    assert.equal(lives.length, ROOM);
    for (const live of lives) await live.hello();
    const upgrade = await RawSocket.open(path());
    assert.equal(upgrade.status, 503);
    assert.match(upgrade.head, /^retry-after: [1-9]\d*\r?$/im);
    assert.equal((await upgrade.rest()).type, 'urn:parley:unavailable');
    await upgrade.gone();
    const refused = await poll();
    assert.deepEqual([refused.status, refused.body.type], [503, 'urn:parley:unavailable']);
    assert.ok(Number(refused.headers['retry-after']) > 0);
    const through = await bob.call('POST', '/live/a/poll', opening);
    assert.equal(through.status, 503);
    assert.ok(Number(through.headers.get('retry-after')) > 0);
    assert.equal((await lives[0]!.say(conversation, 'still here')).type, 'sent');
    for (const live of lives) await live.seen('message', (event) => event.body === 'still here');
    lives.find(({ transport }) => transport === 'ws')!.close();
    await until('there is room again', async () => (await poll()).status === 200);
  });
});
