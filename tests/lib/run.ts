// SPDX-License-Identifier: Apache-2.0
//
// The test runner behind `make test`: one PostgreSQL cluster for all, and as many files side by side as keep the cores busy,
// so that those that wait fill the time beside those that work. Prints each failure whole, the five slowest files, and
// `N passed, N failed` as its last line; exits 1 on failure.

import { spawn } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { Cluster, ROOT, TEMPLATE } from './cluster.ts';
import { FLAVOUR, stage } from './stage.ts';

interface Outcome {
  file: string;
  passed: number;
  failed: number;
  skipped: number;
  seconds: number;
}

/** How a kind of test is found and run. `count` reads passed, failed and skipped out of what a file printed. */
interface Kind {
  name: string;
  files: () => string[];
  command: (file: string) => string[];
  count: (output: string) => [passed: number, failed: number, skipped: number];
  /** How much of a core a file keeps busy. */
  share: number;
  /** How many may run at a time. */
  most: number;
  /** Seconds one file may take. */
  limit: number;
  /** How many files may share a stack (together). */
  shared: number;
}

const cores = availableParallelism();
const nodeTests = (name: string, share: number, most = Infinity, limit = 240, shared = Infinity): Kind => ({
  name, share, most, limit, shared,
  files: () => globSync(`tests/${name}/**/*.test.ts`, { cwd: ROOT }),
  // Several files: those before the last are loaded into the same process.
  command: (file) => [process.execPath, '--test-reporter=tap', ...file.split(' ').flatMap((one, at, all) => at < all.length - 1 ? ['--import', `./${one}`] : [one])],
  // A hook after all tests that fails is `not ok`, and no more than that.
  count: (output) => [number(output, /^# pass (\d+)/m), number(output, /^# fail (\d+)/m) || Number(/^not ok/m.test(output)), number(output, /^# skipped (\d+)/m)],
});

/** In the order in which they begin. */
const KINDS: Kind[] = [
  {
    name: 'unit', share: 1, most: Infinity, limit: 120, shared: 1,
    files: () => globSync('tests/unit/*/*_test.c', { cwd: ROOT }).map((file) => file.replace(/^tests\/unit\/(.*)\.c$/, `build/${FLAVOUR}/tests/$1`)),
    command: (file) => [join(ROOT, file)],
    count: (output) => [number(output, /\[ {2}PASSED {2}\] (\d+) test/), number(output, /\[ {2}FAILED {2}\] (\d+) test/), number(output, /\[ {2}SKIPPED \] (\d+) test/)],
  },
  {
    name: 'sql', share: 1, most: Infinity, limit: 240, shared: 1,
    files: () => globSync('tests/sql/**/*.sql', { cwd: ROOT }),
    command: (file) => [join(ROOT, 'tests/sql/run.sh'), file],
    count: (output) => [output.match(/^\s*ok \d+/gm)?.length ?? 0, output.match(/^\s*not ok \d+/gm)?.length ?? 0, 0],
  },
  {
    name: 'race', share: 0.5, most: 1, limit: 240, shared: 1,
    files: () => globSync('tests/race/*.spec', { cwd: ROOT }),
    command: (file) => [join(ROOT, 'tests/race/run.sh'), file],
    count: (output) => [output.match(/^\s*ok \d+/gm)?.length ?? 0, output.match(/^\s*not ok \d+/gm)?.length ?? 0, 0],
  },
  nodeTests('browser', 0.7, 2, 480, 4), nodeTests('live', 0.4), nodeTests('client', 0.4), nodeTests('fault', 0.7), nodeTests('startstop', 0.8, 1, 600), nodeTests('security', 0.8), nodeTests('api', 0.8),
];

function number(output: string, pattern: RegExp): number {
  return Number(pattern.exec(output)?.[1] ?? 0);
}

async function runFile(kind: Kind, file: string): Promise<Outcome> {
  const started = performance.now();
  const [command, ...args] = kind.command(file);
  const child = spawn(command!, args, { cwd: ROOT, env: process.env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (data) => (output += String(data)));
  child.stderr.on('data', (data) => (output += String(data)));
  const timer = setTimeout(() => {
    output += `\n${file}: not done after ${kind.limit} s, stopped\n`;
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
  }, kind.limit * 1000);
  const code = await new Promise<number | null>((done) => {
    child.once('error', (error) => {
      output += `${error.message}\n`;
      done(null);
    });
    child.once('close', done);
  });
  clearTimeout(timer);
  let [passed, failed, skipped] = kind.count(output);
  if (code !== 0 && failed === 0) failed = 1;
  if (code === 0 && passed + failed + skipped === 0) {
    failed = 1;
    output += `${file}: ran no test\n`;
  }
  const seconds = (performance.now() - started) / 1000;
  console.log(`${failed ? 'FAILED' : 'ok    '} ${file} (${passed}${skipped ? ` + ${skipped} skipped` : ''}, ${seconds.toFixed(1)} s)`);
  if (failed) console.log(output.replace(/^/gm, '    '));
  return { file, passed, failed, skipped, seconds };
}

/** Files that sit out real time-outs begin first, so that the others fill the time beside them; but for browsers they keep a core less busy. */
const LONG = /transport\/(poll|lease|heartbeat)|presence\/|\/networks/;
const shareOf = (kind: Kind, file: string): number => (LONG.test(file) && kind.name !== 'browser' ? kind.share / 4 : kind.share);
const longFirst = (a: string, b: string): number => Number(LONG.test(b)) - Number(LONG.test(a)) || (a < b ? -1 : 1);

interface Job {
  kind: Kind;
  /** One file, or several that share a process and a stack, with spaces between. */
  file: string;
  /** How much of a core it keeps busy. */
  share: number;
}

/**
 * Files of one folder whose stacks are the same run as one job and share it: a start costs more than most tests. A file that
 * kills parts of its stack or changes it for good says `alone`. Few at a time where each takes long, so that no job is the last.
 */
function together(files: string[], most: number): string[] {
  const groups: { key: string; files: string[] }[] = [];
  for (const file of files) {
    const stacks = file.endsWith('.test.ts') ? readFileSync(join(ROOT, file), 'utf8').match(/useStack\(.*\)/g) : null;
    const key = stacks?.length === 1 && !/\balone\b/.test(stacks[0]) ? `${dirname(file)} ${stacks[0]}` : file;
    const group = groups.find((one) => one.key === key && one.files.length < most);
    if (group) group.files.push(file);
    else groups.push({ key, files: [file] });
  }
  return groups.map((group) => group.files.join(' '));
}

/** Runs all jobs, each as soon as the cores have room for it; one that needs more than there is runs alone. */
async function runAll(jobs: Job[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const running = new Map<Job, Promise<void>>();
  const fits = ({ kind, share }: Job): boolean => {
    const others = [...running.keys()];
    const busy = others.reduce((sum, other) => sum + other.share, 0);
    return others.length === 0 || (busy + share < cores + 0.01 && others.filter((other) => other.kind === kind).length < kind.most);
  };
  while (jobs.length > 0 || running.size > 0) {
    for (let at = jobs.findIndex(fits); at >= 0; at = jobs.findIndex(fits)) {
      const [job] = jobs.splice(at, 1) as [Job];
      running.set(job, runFile(job.kind, job.file).then((outcome) => {
        outcomes.push(outcome);
        running.delete(job);
      }));
    }
    await Promise.race(running.values());
  }
  return outcomes;
}

const words = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter(Boolean);
const wanted = words(process.env.ONLY);
const only = words(process.env.FILES);
const unknown = wanted.filter((name) => !KINDS.some((kind) => kind.name === name));
if (unknown.length > 0) {
  console.error(`unknown kind of test: ${unknown.join(' ')}; there are ${KINDS.map((kind) => kind.name).join(' ')}`);
  process.exit(64);
}

const started = performance.now();
const kinds = KINDS.filter((kind) => wanted.length === 0 || wanted.includes(kind.name));
const chosen = (file: string): boolean => only.length === 0 || only.some((part) => file.includes(part));
const jobs = kinds.flatMap((kind) => together(kind.files().filter(chosen).sort(longFirst), kind.shared).map((file) => ({ kind, file, share: shareOf(kind, file) })));
const needCluster = kinds.some((kind) => kind.name !== 'unit');
const cluster = needCluster ? await Cluster.start() : undefined;
if (cluster) {
  stage();
  process.env.PARLEY_TEST_CLUSTER = cluster.dir;
  process.env.PARLEY_TEST_TEMPLATE = TEMPLATE;
}
let outcomes: Outcome[];
try {
  outcomes = await runAll(jobs);
} finally {
  await cluster?.stop();
}

const sum = (member: 'passed' | 'failed' | 'skipped'): number => outcomes.reduce((n, outcome) => n + outcome[member], 0);
console.log(`\nthe slowest files of ${outcomes.length} (${((performance.now() - started) / 1000).toFixed(0)} s in all):`);
for (const { file, seconds } of outcomes.sort((a, b) => b.seconds - a.seconds).slice(0, 5)) {
  console.log(`  ${seconds.toFixed(1).padStart(6)} s  ${relative(ROOT, join(ROOT, file))}`);
}
const failures = outcomes.filter((outcome) => outcome.failed > 0);
if (failures.length > 0) console.log(`failed: ${failures.map((outcome) => basename(outcome.file)).join(' ')}`);
console.log(`${sum('passed')} passed, ${sum('failed') + (outcomes.length === 0 ? 1 : 0)} failed, ${sum('skipped')} skipped`);
process.exit(sum('failed') > 0 || outcomes.length === 0 ? 1 : 0);
