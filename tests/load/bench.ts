// SPDX-License-Identifier: Apache-2.0
//
// `make bench`: the scenarios of tests/load/main.c against a stack of two relays, with PostgreSQL as durable as it ships.
// Live clients connect to the relays' own sockets, so the web server's share is not in their figures; requests over HTTP go
// through it. Prints a table of medians, and one JSON line a scenario into OUT (default build/bench.json).
//
//   ONLY="direct poll"  some scenarios; "relays-1 relays-2 relays-4" the direct one on so many relays; growth: see growth.ts
//                        SECONDS=10  of each run      RUNS=3  of each scenario
//   PROFILE=1           what `make profile` sets: samples the relays and PostgreSQL meanwhile, and prints where they were
//   COMPARE=FILE        prints ratios against an earlier OUT; FACTOR=2 fails where CPU per unit is more than so many times it

import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Cluster, ROOT } from '../lib/cluster.ts';
import { BIN, Stack } from '../lib/stack.ts';
import { fill, type People } from './people.ts';
import { Profile } from './profile.ts';

const run = promisify(execFile);
const LOAD = join(BIN, 'load');
const OUT = process.env.OUT ?? join(ROOT, 'build/bench.json');
const SECONDS = Number(process.env.SECONDS ?? 10);
const RUNS = Number(process.env.RUNS ?? 3);
const profile = process.env.PROFILE ? new Profile() : undefined;

interface Scenario {
  name: string;
  /** The generator's word for it. */
  kind: 'direct' | 'paced' | 'poll' | 'group' | 'trickle' | 'idle' | 'storm' | 'history' | 'list' | 'account';
  people: People;
  clients: number;
  /** The window of a closed loop, the rate of an open one, connections. */
  number: number;
  /** What one unit of work is: CPU is told per unit. */
  unit: 'message' | 'delivery' | 'connection' | 'second' | 'request';
  /** How many relays, 2 by default; such a scenario runs only when it is named. */
  relays?: number;
  /** Generators that share the clients: a process may have 20,000 open files. */
  generators?: number;
}

const SCENARIOS: Scenario[] = [
  { name: 'direct', kind: 'direct', people: 'pairs', clients: 400, number: 4, unit: 'message' },
  { name: 'paced', kind: 'paced', people: 'pairs', clients: 400, number: 500, unit: 'message' },
  { name: 'lone', kind: 'paced', people: 'pairs', clients: 2, number: 20, unit: 'message' },
  { name: 'poll', kind: 'poll', people: 'pairs', clients: 400, number: 4, unit: 'message' },
  { name: 'group', kind: 'group', people: 'group', clients: 1000, number: 2, unit: 'delivery' },
  { name: 'trickle', kind: 'trickle', people: 'group', clients: 1000, number: 10, unit: 'delivery' },
  { name: 'history', kind: 'history', people: 'deep', clients: 64, number: 16, unit: 'request' },
  { name: 'list', kind: 'list', people: 'many', clients: 8, number: 1, unit: 'request' },
  { name: 'account', kind: 'account', people: 'pairs', clients: 64, number: 16, unit: 'request' },
  { name: 'storm', kind: 'storm', people: 'roster', clients: 5000, number: 0, unit: 'connection' },
  { name: 'idle', kind: 'idle', people: 'roster', clients: 10_000, number: 0, unit: 'second' },
  { name: 'crowd', kind: 'idle', people: 'roster', clients: 36_000, number: 0, unit: 'second', generators: 2 },
  ...[1, 2, 4].map((relays): Scenario => ({ name: `relays-${relays}`, kind: 'direct', people: 'pairs', clients: 400, number: 4, unit: 'message', relays })),
];

type Result = Record<string, number | string | boolean>;
type Cpu = Record<'relay' | 'postgres' | 'web' | 'programs', number>;

const round = (n: number): number => Math.round(n * 100) / 100;

function ticks(pid: number, children: boolean): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').map(Number);
  return (fields[11]! + fields[12]! + (children ? fields[13]! + fields[14]! : 0)) * 10_000;
}
/** CPU microseconds of a process, of its children, and of those that are gone. */
function tree(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  const ofChildren = children.map((child) => {
    try {
      return ticks(child, false);
    } catch {
      return 0; // it has just ended
    }
  });
  return ticks(pid, true) + ofChildren.reduce((a, b) => a + b, 0);
}
/** Private resident memory in KiB: what would be free if the process went. */
function memory(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/Private_Clean: +(\d+)/.exec(text)![1]) + Number(/Private_Dirty: +(\d+)/.exec(text)![1]);
}

/** CPU microseconds of a fixed piece of work: how slow this machine is this moment, others' load included. */
function yardstick(): number {
  const before = process.cpuUsage();
  for (let turn = 0; turn < 3; turn++) Array.from({ length: 100_000 }, (_, i) => (i * 7919) % 100_003).sort((a, b) => a - b);
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

class Machine {
  readonly stack: Stack;
  readonly cluster: Cluster;
  constructor(stack: Stack, cluster: Cluster) {
    this.stack = stack;
    this.cluster = cluster;
  }
  get relays(): number[] {
    return this.stack.relays.map((name) => this.stack.daemon(`relay-${name}`).pid);
  }
  cpu(): Cpu {
    const programs = (['login', 'groups', 'history', 'admin'] as const).map((name) => tree(this.stack.daemon(name).pid));
    const sum = (all: number[]): number => all.reduce((a, b) => a + b, 0);
    return { relay: sum(this.relays.map((pid) => ticks(pid, false))), postgres: tree(this.cluster.postmaster.pid),
      web: tree(this.stack.daemon('web').pid), programs: sum(programs) };
  }
  memory(): number {
    return this.relays.reduce((sum, pid) => sum + memory(pid), 0);
  }
  async stored(base: number): Promise<number> {
    const [row] = await this.stack.db.query<{ n: string }>('SELECT count(*) AS n FROM parley.message WHERE conversation_id BETWEEN $1 AND $1 + 999999', [base]);
    return Number(row!.n);
  }
}

/** What the generators of one run told, added up, and what the machine spent between the last `ready` and the first `done`. */
async function generate(machine: Machine, scenario: Scenario, files: string[]): Promise<{ told: Result; spent: Cpu; held: number; elapsed: number }> {
  let ready = 0;
  let done = 0;
  let before = machine.cpu();
  let after = before;
  let began = 0;
  let elapsed = 0;
  let held = 0;
  const where = scenario.unit === 'request' ? String(machine.stack.port) : machine.stack.relays.map((name) => machine.stack.socket(`relay-${name}`)).join(',');
  const told = await Promise.all(files.map(async (file) => {
    const child = spawn(LOAD, [scenario.kind, where, file, String(SECONDS), ...(scenario.number ? [String(scenario.number)] : [])], { stdio: ['ignore', 'pipe', 'inherit'] });
    let result: Result | undefined;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === 'ready') {
        if (++ready < files.length) continue;
        [before, held, began] = [machine.cpu(), machine.memory(), performance.now()];
        profile?.start(machine.relays, machine.cluster.postmaster.pid);
      } else if (line === 'done') {
        if (++done > 1) continue;
        [after, elapsed] = [machine.cpu(), (performance.now() - began) / 1000];
        await profile?.stop();
      } else result = JSON.parse(line) as Result;
    }
    if (!result) throw new Error(`${scenario.name}: the generator gave no result`);
    return result;
  }));
  const spent = Object.fromEntries(Object.keys(before).map((key) => [key, after[key as keyof Cpu] - before[key as keyof Cpu]])) as Cpu;
  const sums = { clients: 0, acked: 0, failed: 0 };
  for (const one of told) for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += Number(one[key]);
  return { told: { ...told[0], ...sums, whole: told.every((one) => one.whole) }, spent, held, elapsed };
}

function units(scenario: Scenario, told: Result, elapsed: number): number {
  switch (scenario.unit) {
    case 'message': return Number(told.messages_per_second) * SECONDS;
    case 'delivery': return Number(told.deliveries_per_second) * SECONDS;
    case 'request': return Number(told.requests_per_second) * SECONDS;
    case 'connection': return scenario.clients * Number(told.storms);
    case 'second': return elapsed;
  }
}

async function measure(machine: Machine, scenario: Scenario, base: number, files: string[]): Promise<Result> {
  const before = await machine.stored(base);
  const empty = machine.memory();
  const slow = yardstick();
  const { told, spent, held, elapsed } = await generate(machine, scenario, files);
  const work = units(scenario, told, elapsed);
  const stored = (await machine.stored(base)) - before;
  const costs = Object.fromEntries(Object.entries(spent).map(([name, us]) => [`${name}_us`, round(us / work)]));
  return { ...told, scenario: scenario.name, unit: scenario.unit, stored, stored_is_acked: stored === told.acked, ...costs, yardstick: (slow + yardstick()) / 2,
    ...(scenario.kind === 'idle' ? { kib_per_connection: round((held - empty) / scenario.clients) } : {}) };
}

/** Of the numbers the median, of the rest what every run said. */
function median(results: Result[]): Result {
  const all = (key: string): (number | string | boolean)[] => results.map((result) => result[key]!);
  return Object.fromEntries(Object.keys(results[0]!).map((key) => {
    const values = all(key);
    if (typeof values[0] === 'number') return [key, (values as number[]).sort((a, b) => a - b)[Math.floor(values.length / 2)]!];
    return [key, typeof values[0] === 'boolean' ? values.every(Boolean) : values[0]!];
  }));
}

async function scene(machine: Machine, scenario: Scenario): Promise<Result> {
  const base = 1_000_000 * (1 + SCENARIOS.indexOf(scenario));
  const count = scenario.generators ?? 1;
  const { stdout } = await run(LOAD, ['tokens', String(scenario.clients)], { maxBuffer: 1 << 26 });
  const lines = await fill(machine.stack.db, scenario.people, base, stdout.trim().split('\n').map((line) => line.split(' ') as [string, string]));
  const files = Array.from({ length: count }, (_, k) => {
    const file = join(machine.stack.dir, `people-${scenario.name}-${k}`);
    writeFileSync(file, lines.filter((_, i) => i % count === k).join(''));
    return file;
  });
  const results: Result[] = [];
  // Of idle connections the first counts: a process keeps what it once had.
  const runs = scenario.kind === 'idle' ? 1 : RUNS;
  for (let i = 0; i < runs; i++) results.push(await measure(machine, scenario, base, files));
  await profile?.print(scenario.name, machine.stack.db);
  return median(results);
}

const COLUMNS = ['scenario', 'unit', 'messages_per_second', 'deliveries_per_second', 'requests_per_second', 'p50_ms', 'p99_ms', 'relay_us', 'postgres_us',
  'web_us', 'programs_us', 'kib_per_connection', 'whole', 'stored_is_acked'];

function print(results: Result[], earlier: Result[]): void {
  const cell = (result: Result, column: string): string => {
    const value = result[column] ?? '–';
    const was = earlier.find((other) => other.scenario === result.scenario)?.[column];
    return typeof value === 'number' && typeof was === 'number' && was > 0 ? `${value} (×${(value / was).toFixed(2)})` : String(value);
  };
  const rows = [COLUMNS.map((column) => column.replace('_per_second', '/s')), ...results.map((result) => COLUMNS.map((column) => cell(result, column)))];
  const widths = COLUMNS.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  for (const row of rows) console.log(row.map((text, i) => text.padStart(widths[i]!)).join('  '));
}

/** What costs more than FACTOR times what it did, on a machine as slow as that; a part that had less than a tenth is noise. */
function dearer(results: Result[], earlier: Result[]): string[] {
  const factor = Number(process.env.FACTOR ?? Infinity);
  const parts = ['relay_us', 'postgres_us', 'web_us', 'programs_us'];
  return results.flatMap((result) => {
    const was = earlier.find((other) => other.scenario === result.scenario) ?? {};
    const whole = parts.reduce((sum, part) => sum + Number(was[part] ?? 0), 0);
    const slower = Math.max(1, Number(result.yardstick) / Number(was.yardstick));
    return parts.filter((part) => Number(was[part]) > whole / 10 && Number(result[part]) > factor * slower * Number(was[part]))
      .map((part) => `${result.scenario}: ${part} is ${result[part]}, was ${was[part]}, on a machine ${slower.toFixed(2)} times as slow`);
  });
}

const wanted = (process.env.ONLY ?? '').split(/\s+/).filter(Boolean);
const chosen = SCENARIOS.filter((scenario) => (wanted.length === 0 ? !scenario.relays : wanted.includes(scenario.name)));
console.log(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)} before; medians of ${RUNS} × ${SECONDS} s, fsync on, generator on the same machine`);
const cluster = await Cluster.start({ settings: ['fsync=on', 'full_page_writes=on', 'shared_buffers=256MB', ...(profile ? ['track_functions=all'] : [])] });
const results: Result[] = [];
try {
  for (const scenario of chosen) {
    const stack = await Stack.start({ cluster, relays: ['a', 'b', 'c', 'd'].slice(0, scenario.relays ?? 2), config: { allow_unsafe_database: 'no', log_level: 'warn' } });
    try {
      results.push(await scene(new Machine(stack, cluster), scenario));
    } finally {
      await stack.stop();
    }
  }
} finally {
  await cluster.stop();
}
const earlier = process.env.COMPARE ? readFileSync(process.env.COMPARE, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Result) : [];
print(results, earlier);
writeFileSync(OUT, results.map((result) => `${JSON.stringify(result)}\n`).join(''));
const wrong = [...results.filter((result) => !result.whole || !result.stored_is_acked || result.failed !== 0).map((result) => `${result.scenario}: lost, doubled or refused messages`),
  ...dearer(results, earlier)];
for (const line of wrong) console.log(line);
process.exit(wrong.length === 0 ? 0 : 1);
