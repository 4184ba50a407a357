// SPDX-License-Identifier: Apache-2.0
//
// `make recovery`: how long it takes to come back, figure by figure, each against its goal. ONLY="killed deaf" chooses.

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient, type Client } from '../../www/client/index.ts';
import { BIN, PROGRAMS, type Person } from '../lib/stack.ts';
import { openLive, type Live } from '../lib/live.ts';
import { pause, until } from '../lib/wait.ts';
import { fill } from '../load/people.ts';
import { DURABLE, Place } from './place.ts';

const LOAD = join(BIN, 'load');
const LONG_MS = 60_000;

interface Figure {
  what: string;
  value: number;
  unit: string;
  goal: number;
}
type Scenario = (place: Place) => Promise<Figure[]>;

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);
const at = (values: readonly number[], share: number): number => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;
const seconds = (what: string, ms: number, goal: number): Figure => ({ what, value: ms / 1000, unit: 's', goal });

let bases = 0;
/** People straight into the tables, as the load generator wants them; the first id and the lines of its file. */
async function crowd({ stack }: Place, kind: Parameters<typeof fill>[1], count: number): Promise<{ base: number; lines: string[]; file: string }> {
  const base = 1_000_000 * ++bases;
  const tokens = execFileSync(LOAD, ['tokens', String(count)], { encoding: 'utf8', maxBuffer: 1 << 26 }).trim().split('\n').map((line) => line.split(' ') as [string, string]);
  const lines = await fill(stack.db, kind, base, tokens);
  const file = join(stack.dir, `people-${base}`);
  writeFileSync(file, lines.join(''));
  return { base, lines, file };
}

/** Runs the load generator; `ready` is called when all are connected. Its own figures come back. */
async function generate(args: string[], ready: () => Promise<void>): Promise<Record<string, number>> {
  const child = spawn(LOAD, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let result: Record<string, number> | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') await ready();
    else if (line.startsWith('{')) result = JSON.parse(line) as Record<string, number>;
  }
  if (!result) throw new Error(`the generator gave no result: ${args.join(' ')}`);
  return result;
}

/** 5,000 clients in 20 groups each are with one relay, which is killed: all go to the other. */
async function killed(place: Place): Promise<Figure[]> {
  const { stack } = place;
  const { file } = await crowd(place, 'roster', 5000);
  const sockets = stack.relays.map((name) => stack.socket(`relay-${name}`)).join(',');
  const { p50_ms: median, max_ms: last } = await generate(['exodus', sockets, file, '120'], async () => {
    await stack.daemon('relay-a').stop('SIGKILL');
  });
  await stack.startRelay('a');
  return [seconds('5,000 clients of a killed relay are back and caught up: median', median!, 3), seconds('… all', last!, 10)];
}

/** Says something again and again until it is acknowledged; the milliseconds since `from`. */
async function acknowledged(person: Person, conversation: string, from: number): Promise<number> {
  const ref = crypto.randomUUID();
  for (;;) {
    const answer = await person.post('/api/messages', { ref, conversation, body: 'again' }).catch(() => undefined);
    if (answer?.status === 201) return performance.now() - from;
    await pause(20);
  }
}

/** kill -9 of PostgreSQL; what counts is the time from its own recovery to a send over REST, and one over a live link. */
async function postgres({ cluster, stack }: Place): Promise<Figure[]> {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const conversation = await stack.direct(ada, bob);
  const client = await connected(stack.url, ada);
  const [rest, live]: [number[], number[]] = [[], []];
  for (let i = 0; i < 5; i++) {
    await cluster.crash({ settings: DURABLE });
    const recovered = performance.now();
    const heard = client.send(conversation, { body: `after crash ${i}` })
      .then((ref) => until('it is acknowledged', () => !client.outbox.peek().some((entry) => entry.ref === ref && entry.state === 'waiting'), LONG_MS))
      .then(() => performance.now() - recovered);
    rest.push(await acknowledged(bob, conversation, recovered));
    live.push(await heard);
    await pause(3000);
  }
  await client.close();
  return [seconds('PostgreSQL has recovered from kill -9: a message over REST is acknowledged, the longest of 5', Math.max(...rest), 2),
    seconds('… over a live link', Math.max(...live), 2)];
}

async function connected(origin: string, person: Person): Promise<Client> {
  const client = createClient({ origin, token: person.token!, log: () => {} });
  await client.start();
  await until('connected', () => client.connection.peek().state === 'connected' && client.loaded.peek(), LONG_MS);
  return client;
}

/** A relay that no notification reaches any more. */
async function deaf({ stack, databasePipes }: Place): Promise<Figure[]> {
  const [ada, bob] = [await stack.person('ada'), await stack.person('bob')];
  const conversation = await stack.direct(ada, bob);
  const live = stack.open('ws', bob, 'a');
  await live.hello();
  databasePipes.get('a')!.ill = 'deaf';
  const took: number[] = [];
  for (let i = 0; i < 30; i++) {
    await pause(Math.random() * 1000);
    const from = performance.now();
    await ada.post('/api/messages', { ref: crypto.randomUUID(), conversation, body: `m ${i}` });
    await live.seen('message', (event) => event.body === `m ${i}`);
    took.push(performance.now() - from);
  }
  databasePipes.get('a')!.ill = 'well';
  live.close();
  return [seconds('a message whose notification was dropped arrives, the longest of 30', Math.max(...took), 2), seconds('… median', at(took, 0.5), 2)];
}

/** Private memory of a relay, in bytes. */
function memory({ stack }: Place): number {
  const text = readFileSync(`/proc/${stack.daemon('relay-a').pid}/smaps_rollup`, 'utf8');
  return 1024 * (Number(/Private_Clean: +(\d+)/.exec(text)![1]) + Number(/Private_Dirty: +(\d+)/.exec(text)![1]));
}

/** Ten devices resume from mod 0 of a conversation of 100,000 messages at once. */
async function missed(place: Place): Promise<Figure[]> {
  const { stack } = place;
  const { base, lines } = await crowd(place, 'deep', 10);
  const before = memory(place);
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, memory(place) - before)), 20);
  const from = performance.now();
  const counts = await Promise.all(lines.map((line) => resumed(openLive('ws', stack.live('a'), line.split(' ')[0]!), base + 1)));
  clearInterval(watch);
  if (counts.some(({ messages }) => messages !== 100_000)) throw new Error(`not 100,000: ${counts.map(({ messages }) => messages).join()}`);
  return [{ what: '100,000 missed changes, of 10 devices at once: the relay grows by', value: most / 2 ** 20, unit: 'MiB', goal: 32 },
    { what: '… the largest frame', value: Math.max(...counts.map(({ largest }) => largest)) / 1024, unit: 'KiB', goal: 256 },
    seconds('… all are ready', performance.now() - from, 120)];
}

/** Counts, and keeps nothing. */
async function resumed(live: Live, conversation: number): Promise<{ messages: number; largest: number }> {
  let [messages, largest] = [0, 0];
  const ready = new Promise<void>((done) => {
    live.listener = (events) => {
      messages += events.filter(({ type }) => type === 'message').length;
      largest = Math.max(largest, JSON.stringify(events).length);
      live.events.length = 0;
      if (events.some(({ type }) => type === 'ready')) done();
    };
  });
  live.send({ type: 'hello', account_mod: 1, resume: { [conversation]: 0 } });
  await ready;
  live.close();
  return { messages, largest };
}

/** 400 clients talk two and two; beside them a group is flooded, whose members read, or have stopped reading. */
async function slow(place: Place): Promise<Figure[]> {
  const { stack } = place;
  const sockets = stack.relays.map((name) => stack.socket(`relay-${name}`)).join(',');
  const [owner, ...others] = await Promise.all(Array.from({ length: 21 }, () => stack.person('soul'))) as [Person, ...Person[]];
  const group = await stack.group(owner, others);
  const run = async (stopped: boolean): Promise<number> => {
    const { file } = await crowd(place, 'pairs', 400);
    const readers = others.map((person, i) => openLive('poll', stack.live(stack.relays[i % 2]), person.token));
    for (const reader of readers) await reader.hello();
    if (stopped) for (const reader of readers) reader.close(); // the relay keeps their sessions for a minute
    let going = true;
    const flood = (async () => {
      while (going) await owner.post('/api/messages', { ref: crypto.randomUUID(), conversation: group, body: 'x'.repeat(4000) }).then(() => pause(50));
    })();
    const { p99_ms: p99 } = await generate(['paced', sockets, file, '10', '200'], async () => {});
    going = false;
    await flood;
    for (const reader of readers) reader.close();
    return p99!;
  };
  const [reading, stopped]: [number[], number[]] = [[], []];
  for (let i = 0; i < 3; i++) {
    reading.push(await run(false));
    stopped.push(await run(true));
  }
  return [{ what: `p99 of others beside 20 stopped clients (${at(stopped, 0.5)} ms) to beside 20 that read (${at(reading, 0.5)} ms)`, value: at(stopped, 0.5) / at(reading, 0.5), unit: '×', goal: 1.1 }];
}

/** Everything is restarted in turn while ten clients of the library talk and ask. */
async function rolling({ stack }: Place): Promise<Figure[]> {
  const people = await Promise.all(Array.from({ length: 10 }, () => stack.person('soul')));
  const group = await stack.group(people[0]!, people.slice(1));
  const clients = await Promise.all(people.map((person) => connected(stack.url, person)));
  let going = true;
  let asked = 0;
  const failures: string[] = [];
  const ask = async (request: () => Promise<unknown>): Promise<void> => {
    asked++;
    await request().catch((error: unknown) => failures.push(String(error)));
    await pause(30);
  };
  const work = clients.map(async (client, i) => {
    while (going) {
      await ask(() => client.send(group, { body: `${i} ${asked}` }));
      await ask(() => client.sessions());
      await ask(() => client.direct(people[(i + 1) % people.length]!.id));
      await ask(() => client.react(group, 1, '👍', asked % 2 === 0));
    }
  });
  for (const relay of stack.relays) await stack.restartRelay(relay, 'SIGTERM');
  for (const program of PROGRAMS) {
    await stack.daemon(program).stop();
    await stack.startProgram(program);
  }
  stack.daemon('web').signal('SIGHUP');
  await pause(3000);
  going = false;
  await Promise.all(work);
  await until('all is sent', () => clients.every((client) => client.outbox.peek().every(({ state }) => state !== 'waiting')), LONG_MS);
  const unsent = clients.flatMap((client) => client.outbox.peek().filter(({ state }) => state === 'failed'));
  await Promise.all(clients.map((client) => client.close()));
  for (const failure of failures.slice(0, 5)) console.log(`  ${failure}`);
  return [{ what: `everything restarted in turn under load: of ${asked} requests and sends failed`, value: failures.length + unsent.length, unit: '', goal: 0 }];
}

const SCENARIOS: Record<string, Scenario> = { killed, postgres, deaf, slow, missed, rolling };

const only = (process.env.ONLY ?? '').split(/\s+/).filter(Boolean);
let missedGoals = 0;
for (const [name, scenario] of Object.entries(SCENARIOS)) {
  if (only.length > 0 && !only.includes(name)) continue;
  const place = await Place.start({ config: { allow_unsafe_database: 'no', log_level: 'warn' } });
  try {
    for (const { what, value, unit, goal } of await scenario(place)) {
      const good = value <= goal;
      if (!good) missedGoals++;
      console.log(`${good ? 'ok    ' : 'MISSED'} ${name}: ${what}: ${Math.round(value * 100) / 100} ${unit} (goal ${goal}); load ${loadavg()[0]!.toFixed(1)}`);
    }
  } finally {
    await place.stop();
  }
}
process.exit(missedGoals === 0 ? 0 : 1);
