// SPDX-License-Identifier: Apache-2.0
//
// `make fault`: rounds of a workload under faults, each judged by the checker, until SECONDS have passed. Prints the seed, a
// line a fault, the figures and the verdict; exits 1 with a minimal history when anything is found.
//
//   SECONDS=60 SEED=1 FAULTS="relay disk"   how long, with which choices, and only faults whose names hold one of these words
//   RATE=60                                 messages a second; 150 where it is to run ten minutes or more

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/cluster.ts';
import { pause } from '../lib/wait.ts';
import { check, type Verdict, type Violation } from './checker.ts';
import { FAULTS } from './faults.ts';
import { History } from './history.ts';
import { Injector, seconds, type Injected } from './injector.ts';
import { Place } from './place.ts';
import { Random } from './random.ts';
import { Workload } from './workload.ts';

const span = Number(process.env.SECONDS ?? 60);
const long = span >= 600;
const rate = Number(process.env.RATE || (long ? 150 : 60));
/** To come and to fall quiet takes a round 20 s more. */
const ROUND_S = long ? 120 : 60;
const seed = Number(process.env.SEED || Math.floor(Math.random() * 2 ** 31));
const only = (process.env.FAULTS ?? '').split(/\s+/).filter(Boolean);
const kept = join(ROOT, 'build/fault');

interface Round extends Verdict {
  faults: Injected[];
}

/** One round: people come, talk under faults, fall quiet; then all is judged. */
async function round(place: Place, random: Random, length: number, file: string): Promise<Round> {
  const history = new History(file);
  const workload = new Workload(place.stack, history, random.fork(), rate);
  const injector = new Injector(place, workload, random.fork(), only);
  try {
    await workload.start();
    const injecting = injector.run();
    await Promise.race([pause(length * 1000), injecting]);
    injector.stop();
    await injecting;
    await workload.quiet();
  } finally {
    await workload.stop();
    await history.close();
  }
  place.stack.check();
  return { ...check(history.entries), faults: injector.done };
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

function printFigures(rounds: Round[], took: number): void {
  const sum = (name: 'attempted' | 'acknowledged' | 'ok' | 'lost' | 'duplicated' | 'unexpected' | 'recovered'): number => rounds.reduce((all, one) => all + one[name], 0);
  const faults = rounds.flatMap((one) => one.faults);
  console.log(`\n${'fault'.padEnd(40)} times  back after: median   max (s)`);
  for (const { name } of FAULTS) {
    const back = faults.filter((fault) => fault.name === name).map(({ recoveredMs }) => recoveredMs);
    if (back.length > 0) console.log(`${name.padEnd(40)} ${String(back.length).padStart(5)} ${seconds(median(back)).padStart(20)} ${seconds(Math.max(...back)).padStart(7)}`);
  }
  console.log(`\n${seconds(took)} s, ${rounds.length} rounds, ${faults.length} faults, ${sum('attempted')} messages`);
  console.log(['attempted', 'acknowledged', 'ok', 'lost', 'duplicated', 'unexpected', 'recovered'].map((name) => `${name} ${sum(name as 'ok')}`).join(', '));
}

/** Of a line: some texts are long. The file has all of it. */
const MOST_SHOWN = 500;

function printViolations(violations: Violation[]): void {
  for (const { property, what, history } of violations.slice(0, 10)) {
    console.log(`\n${property}: ${what.slice(0, MOST_SHOWN)}`);
    for (const entry of history.slice(0, 40)) console.log(`    ${JSON.stringify(entry).slice(0, MOST_SHOWN)}`);
  }
}

console.log(`seed ${seed}, ${span} s, ${rate} messages/s`);
mkdirSync(kept, { recursive: true });
const started = performance.now();
const rounds: Round[] = [];
let failure = '';
const place = await Place.start();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void place.stop().catch(() => {}).then(() => process.exit(1)));
}
try {
  for (const { name, lacks } of FAULTS) if (lacks?.(place)) console.log(`  not here: ${name}: ${lacks(place)}`);
  const random = new Random(seed);
  for (let left = span; left > 5 || rounds.length === 0; left = span - (performance.now() - started) / 1000) {
    const file = join(kept, `round-${rounds.length + 1}.jsonl`);
    console.log(`round ${rounds.length + 1}`);
    const result = await round(place, random.fork(), Math.min(ROUND_S, Math.max(10, left - 10)), file);
    rounds.push(result);
    console.log(`  ${result.attempted} messages, ${result.acknowledged} acknowledged, ${result.recovered} recovered, ${result.violations.length} violations`);
    if (result.violations.length > 0) {
      printViolations(result.violations);
      console.log(`the whole history: ${file}`);
      break;
    }
    writeFileSync(file, '');
  }
  await place.stop();
} catch (error) {
  failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
  await place.stop().catch(() => {});
}
printFigures(rounds, performance.now() - started);
const found = rounds.reduce((sum, { violations }) => sum + violations.length, 0) + (failure ? 1 : 0);
if (failure) console.log(failure);
console.log(found ? `FAILED: seed ${seed}` : `nothing lost, doubled, invented or out of order: seed ${seed}`);
console.log(`${rounds.filter(({ violations }) => violations.length === 0).length} passed, ${found} failed`);
process.exit(found ? 1 : 0);
