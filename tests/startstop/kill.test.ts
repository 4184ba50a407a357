// SPDX-License-Identifier: Apache-2.0
//
// kill -9 of each kind of process of a running instance: it heals by itself within seconds, and no acknowledged message is
// lost or doubled, while somebody goes on talking.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Api, expectStatus } from '../lib/http.ts';
import { pause, until } from '../lib/wait.ts';
import { Instance } from './instance.ts';

let one: Instance;
before(async () => {
  one = await Instance.make();
  await one.start({ PARLEY_MESSAGE_RATE_LIMIT: 'off' });
});
after(() => one.remove());

interface Process {
  pid: number;
  parent: number;
  command: string;
}

function processes(): Process[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).flatMap((name) => {
    try {
      const parent = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))![1]);
      return [{ pid: Number(name), parent, command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ') }];
    } catch {
      return []; // ended meanwhile
    }
  });
}

type Find = () => number | undefined;
const main = (service: string): Find => () => one.services().get(service);
const below = (find: Find, command: RegExp): Find => () => {
  const parent = find();
  return processes().find((process) => process.parent === parent && command.test(process.command))?.pid;
};
const runsv = (service: string): Find => () => {
  const pid = main(service)();
  return processes().find((process) => process.pid === pid)?.parent;
};

const PROGRAMS = ['login', 'groups', 'history', 'admin'];
const TABLE: [what: string, find: Find][] = [
  ...PROGRAMS.flatMap((name): [string, Find][] => [[`the program ${name}`, main(name)], [`a worker of ${name}`, below(main(name), /\.fcgi/)]]),
  ['relay a', main('relay-a')],
  ['relay b', main('relay-b')],
  ["nginx's master", main('nginx')],
  ["an nginx's worker", below(main('nginx'), /worker process/)],
  ['the postmaster', main('postgres')],
  ["a program's database connection", below(main('postgres'), /parley_history/)],
  ["a relay's database connection", below(main('postgres'), /parley_relay/)],
  ['the checkpointer', below(main('postgres'), /checkpointer/)],
  ...['history', 'relay-a', 'nginx', 'postgres'].map((name): [string, Find] => [`the supervisor of ${name}`, runsv(name)]),
  ['the log of nginx', below(runsv('nginx'), /svlogd/)],
];

/** Says one number after the other, each with the same `ref` until it is acknowledged. */
class Talker {
  acknowledged: number[] = [];
  #stop = false;
  #api = new Api(one.url);
  #group = '';

  async begin(): Promise<void> {
    const person = { login: 'talker', password: 'a long password', display_name: 'Talker' };
    expectStatus(await this.#api.post('/api/register', person), 201);
    this.#api.token = expectStatus(await this.#api.post('/api/login', { ...person, bearer: true }), 200).token;
    const group = { title: 'Numbers', visibility: 'private', ref: crypto.randomUUID(), members: [] };
    this.#group = expectStatus(await this.#api.post('/api/groups', group), 201).conversation.id;
  }

  async talk(): Promise<void> {
    for (let n = 1; !this.#stop; n++) {
      const message = { ref: crypto.randomUUID(), conversation: this.#group, body: String(n) };
      await until(`${n} is acknowledged`, async () => (await this.#api.post('/api/messages', message)).status === 201, 30_000);
      this.acknowledged.push(n);
      await pause(50);
    }
  }

  stop(): void {
    this.#stop = true;
  }

  async stored(): Promise<number[]> {
    const numbers: number[] = [];
    for (let after = 0, more = true; more;) {
      const page = expectStatus(await this.#api.get(`/api/history/${this.#group}?after=${after}&limit=200`), 200);
      for (const { seq, kind, body } of page.messages) {
        if (kind === 'text') numbers.push(Number(body));
        after = seq;
      }
      more = page.more_after;
    }
    return numbers;
  }
}

test('whatever is killed heals, and nothing acknowledged is lost or doubled', async (t) => {
  const talker = new Talker();
  await talker.begin();
  const talking = talker.talk();
  for (const [what, find] of TABLE) {
    await t.test(what, async () => {
      // One that ends by itself meanwhile, because of what was killed before, is looked for again.
      const pid = await until(`${what} is there`, () => {
        const found = find();
        return found && process.kill(found, 'SIGKILL') && found;
      });
      const started = performance.now();
      await until(`another in place of ${pid}`, () => !existsSync(`/proc/${pid}`) && find(), 20_000);
      await until('health', () => one.healthy(), 20_000);
      t.diagnostic(`${what}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    });
  }
  talker.stop();
  await talking;
  assert.deepEqual(await talker.stored(), talker.acknowledged);
});
