// SPDX-License-Identifier: Apache-2.0
//
// `make bench`: the scenarios of tests/load/main.c against a stack of two relays, with PostgreSQL as durable as it ships.
// Clients connect to the relays' own sockets, so the web server's share is not in the figures. Prints a table, and one JSON
// line a scenario into OUT (default build/bench.json); COMPARE names an earlier one to print ratios against.

import { execFile, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { Cluster, ROOT } from '../lib/cluster.ts';
import { BIN, Stack } from '../lib/stack.ts';

const run = promisify(execFile);
const LOAD = join(BIN, 'load');
const OUT = process.env.OUT ?? join(ROOT, 'build/bench.json');
const SECONDS = Number(process.env.SECONDS ?? 10);

interface Scenario {
  name: string;
  kind: 'direct' | 'paced' | 'group' | 'idle';
  clients: number;
  /** The window of a closed loop, the rate of an open one. */
  number: number;
  /** What one unit of work is: CPU is told per unit. */
  unit: 'message' | 'delivery' | 'connection';
}

const SCENARIOS: Scenario[] = [
  { name: 'direct', kind: 'direct', clients: 400, number: 4, unit: 'message' },
  { name: 'paced', kind: 'paced', clients: 400, number: 500, unit: 'message' },
  { name: 'group', kind: 'group', clients: 1000, number: 2, unit: 'delivery' },
  { name: 'idle', kind: 'idle', clients: 10_000, number: 0, unit: 'connection' },
];

type Result = Record<string, number | string | boolean>;

/** Accounts, sessions and conversations put straight into the tables; returns the file of `TOKEN CONVERSATION` lines. */
async function people(stack: Stack, scenario: Scenario): Promise<string> {
  const accounts = scenario.kind === 'idle' ? Math.ceil(scenario.clients / 20) : scenario.clients;
  const { stdout } = await run(LOAD, ['tokens', String(accounts)], { maxBuffer: 1 << 26 });
  const tokens = stdout.trim().split('\n').map((line) => line.split(' ') as [string, string]);
  const base = 1_000_000 * (1 + SCENARIOS.indexOf(scenario));
  const sql = (text: string, values: unknown[] = []): Promise<unknown> => stack.db.query(text, values);
  await sql(`INSERT INTO parley.account (id, login, display_name, created) SELECT $1::bigint + i, 'load.' || $1::bigint + i, 'Load ' || i, now()
               FROM generate_series(1, $2::int) i`, [base, accounts]);
  await sql('INSERT INTO parley.account_sync SELECT id, 1 FROM parley.account WHERE id > $1 AND id <= $1 + $2', [base, accounts]);
  await sql("INSERT INTO parley.credential SELECT id, '-', false, now() FROM parley.account WHERE id > $1 AND id <= $1 + $2", [base, accounts]);
  await sql(`INSERT INTO parley.session (id, account_id, token_hash, device, created, last_seen, idle_seconds)
             SELECT $1::bigint + i, $1::bigint + i, decode(h, 'hex'), 'load', now(), now(), 86400 FROM unnest($2::text[]) WITH ORDINALITY t(h, i)`,
    [base, tokens.map(([, hash]) => hash)]);
  await sql(`INSERT INTO parley.conversation (id, store, title, members_count, created, created_by)
             SELECT $1::bigint + i, CASE WHEN $3 THEN 2 ELSE 1 END, CASE WHEN $3 THEN 'Load' END, CASE WHEN $3 THEN $2 ELSE 2 END, now(), $1::bigint + 1
               FROM generate_series(1, CASE WHEN $3 THEN 1 ELSE $2 / 2 END) i`, [base, accounts, scenario.kind === 'group']);
  await sql(`INSERT INTO parley.membership (conversation_id, account_id, role, mod, account_mod, joined_mod, joined)
             SELECT $1::bigint + CASE WHEN $3 THEN 1 ELSE (i + 1) / 2 END, $1::bigint + i, 'member', 0, 1, 1, now() FROM generate_series(1, $2::int) i`,
    [base, accounts, scenario.kind === 'group']);
  await sql('VACUUM ANALYZE');
  const lines = Array.from({ length: scenario.clients }, (_, i) => {
    const account = i % accounts;
    const conversation = base + (scenario.kind === 'group' ? 1 : Math.floor(account / 2) + 1);
    return `${tokens[account]![0]} ${conversation}\n`;
  });
  const file = join(stack.dir, `people-${scenario.name}`);
  writeFileSync(file, lines.join(''));
  return file;
}

/** CPU microseconds used so far by the relays and by all of PostgreSQL. */
function cpu(relays: number[], cluster: Cluster): { relay: number; postgres: number } {
  return { relay: relays.reduce((sum, pid) => sum + ticks(pid, false), 0), postgres: tree(cluster.postmaster.pid) };
}
function ticks(pid: number, children: boolean): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ').map(Number);
  return (fields[11]! + fields[12]! + (children ? fields[13]! + fields[14]! : 0)) * 10_000;
}
function tree(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return ticks(pid, true) + children.reduce((sum, child) => sum + ticks(child, false), 0);
}
/** Private resident memory in KiB: what would be free if the process went. */
function memory(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/Private_Clean: +(\d+)/.exec(text)![1]) + Number(/Private_Dirty: +(\d+)/.exec(text)![1]);
}

async function measure(stack: Stack, cluster: Cluster, scenario: Scenario): Promise<Result> {
  const file = await people(stack, scenario);
  const relays = stack.relays.map((name) => stack.daemon(`relay-${name}`).pid);
  const total = (): number => relays.reduce((sum, pid) => sum + memory(pid), 0);
  const empty = total();
  const sockets = stack.relays.map((name) => stack.socket(`relay-${name}`)).join(',');
  const args = [scenario.kind, sockets, file, String(SECONDS), ...(scenario.number ? [String(scenario.number)] : [])];
  const child = spawn(LOAD, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let before = { relay: 0, postgres: 0 };
  let after = before;
  let held = 0;
  let result: Result | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') {
      before = cpu(relays, cluster);
      held = total();
    } else if (line === 'done') after = cpu(relays, cluster);
    else result = JSON.parse(line) as Result;
  }
  if (!result) throw new Error(`${scenario.name}: the generator gave no result`);
  const work = scenario.unit === 'message' ? Number(result.messages_per_second) * SECONDS
    : scenario.unit === 'delivery' ? Number(result.deliveries_per_second) * SECONDS : scenario.clients * SECONDS;
  const stored = await stack.db.query<{ n: string }>('SELECT count(*) AS n FROM parley.message WHERE conversation_id BETWEEN $1 AND $1 + 999999',
    [1_000_000 * (1 + SCENARIOS.indexOf(scenario))]);
  return { ...result, scenario: scenario.name, unit: scenario.unit, stored: Number(stored[0]!.n), stored_is_acked: Number(stored[0]!.n) === result.acked,
    relay_us: round((after.relay - before.relay) / work), postgres_us: round((after.postgres - before.postgres) / work),
    kib_per_connection: round((held - empty) / scenario.clients) };
}
const round = (n: number): number => Math.round(n * 100) / 100;

function print(results: Result[], earlier: Result[]): void {
  const columns = ['scenario', 'messages_per_second', 'deliveries_per_second', 'p50_ms', 'p99_ms', 'relay_us', 'postgres_us', 'kib_per_connection', 'connect_ms', 'whole', 'stored_is_acked'];
  const rows = results.map((result) => {
    const old = earlier.find((other) => other.scenario === result.scenario);
    return columns.map((column) => {
      const value = result[column];
      const was = old?.[column];
      return typeof value === 'number' && typeof was === 'number' && was > 0 ? `${value} (×${(value / was).toFixed(2)})` : String(value);
    });
  });
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map((row) => row[i]!.length)));
  for (const row of [columns, ...rows]) console.log(row.map((cell, i) => cell.padStart(widths[i]!)).join('  '));
}

const wanted = (process.env.ONLY ?? '').split(/\s+/).filter(Boolean);
const chosen = SCENARIOS.filter((scenario) => wanted.length === 0 || wanted.includes(scenario.name));
console.log(`${cpus().length} cores, load ${loadavg()[0]!.toFixed(1)} before; ${SECONDS} s a scenario, fsync on, generator on the same machine`);
const cluster = await Cluster.start({ settings: ['fsync=on', 'full_page_writes=on', 'shared_buffers=256MB'] });
const results: Result[] = [];
try {
  const stack = await Stack.start({ cluster, config: { allow_unsafe_database: 'no', log_level: 'warn' } });
  try {
    for (const scenario of chosen) results.push(await measure(stack, cluster, scenario));
  } finally {
    await stack.stop();
  }
} finally {
  await cluster.stop();
}
const earlier = process.env.COMPARE ? readFileSync(process.env.COMPARE, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Result) : [];
print(results, earlier);
writeFileSync(OUT, results.map((result) => `${JSON.stringify(result)}\n`).join(''));
process.exit(results.every((result) => result.whole && result.stored_is_acked && result.failed === 0) ? 0 : 1);
