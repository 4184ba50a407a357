// SPDX-License-Identifier: Apache-2.0
//
// `make bench ONLY=growth`: what the calls that everything waits for cost the database, as it grows: at 10 thousand, 1 million and 10
// million messages (half of them in one conversation), for accounts in 100, 1,000 and 10,000 conversations. Prints CPU microseconds
// and pages looked at, a call; one JSON line each into OUT (default build/growth.json). Fails where a call reads a large table
// from end to end, or where it looks at more than twice the pages at the last size that it did at the one before.
//
//   MESSAGES="10000 1000000"  other sizes, ascending

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { Cluster, ROOT } from '../lib/cluster.ts';

const SIZES = (process.env.MESSAGES ?? '10000 1000000 10000000').split(/\s+/).map(Number);
const ROSTERS = [100, 1000, 10_000];
const PLACES = ROSTERS.reduce((a, b) => a + b);
const DEEP = 1_000_000;
const OTHERS = 50_000;
const REPEATS = 20;

/** Accounts 1 … n read; each is in as many conversations of its own as ROSTERS says, and in the deep one. */
const PEOPLE = `
  INSERT INTO parley.account (id, login, display_name, created) SELECT n, 'u' || n, 'User ' || n, now() FROM generate_series(1, ${OTHERS}) n;
  INSERT INTO parley.account_sync SELECT n, 0 FROM generate_series(1, ${OTHERS}) n;
  INSERT INTO parley.credential SELECT n, 'x', false, now() FROM generate_series(1, ${OTHERS}) n;
  INSERT INTO parley.session SELECT n, n, sha256(convert_to('u' || n, 'UTF8')), '', '', now(), now(), 86400 FROM generate_series(1, ${OTHERS}) n;
  INSERT INTO parley.conversation (id, store, members_count, title, created, created_by)
    SELECT n, 1 + n % 2, 2, 'Place ' || n, now(), 1 FROM generate_series(1, ${PLACES}) n UNION ALL SELECT ${DEEP}, 2, 1000, 'Deep', now(), 1;
  INSERT INTO parley.membership (conversation_id, account_id, role, mod, account_mod, joined_mod, joined)
    SELECT n, a, 'member', 0, 0, 0, now() FROM generate_series(1, ${PLACES}) n,
           unnest(ARRAY[CASE WHEN n <= ${ROSTERS[0]} THEN 1 WHEN n <= ${ROSTERS[0]! + ROSTERS[1]!} THEN 2 ELSE 3 END, 4 + n % 1000]) a
    UNION ALL SELECT ${DEEP}, a, 'member', 0, 0, 0, now() FROM generate_series(1, 1000) a;`;

/** Messages from…to-1, and everybody has read all but the last 20. */
const messages = (from: number, to: number): string => `
  INSERT INTO parley.message (store, conversation_id, seq, mod, id, sender_id, ref, time, body)
    SELECT CASE WHEN n % 2 = 1 THEN 2 ELSE 1 + (1 + n / 2 % ${PLACES}) % 2 END, CASE WHEN n % 2 = 1 THEN ${DEEP} ELSE 1 + n / 2 % ${PLACES} END,
           s, s, n + 1, 4 + n % 1000, gen_random_uuid(), now(), repeat('hello ', 17)
      FROM generate_series(${from}, ${to - 1}) n, LATERAL (SELECT CASE WHEN n % 2 = 1 THEN (n + 1) / 2 ELSE 1 + n / 2 / ${PLACES} END AS s) x;
  UPDATE parley.conversation c SET last_seq = m.last, mod = m.last
    FROM (SELECT conversation_id, max(seq) AS last FROM parley.message GROUP BY 1) m WHERE m.conversation_id = c.id;
  UPDATE parley.membership u SET read_seq = greatest(0, c.last_seq - 20) FROM parley.conversation c WHERE c.id = u.conversation_id;`;

const token = (n: number): string => `sha256('u${n}')`;
const top = `(SELECT last_seq FROM parley.conversation WHERE id = ${DEEP})`;
const some = `(50 + random() * (${top} - 100))::bigint`;
const none = (type: string): string => `ARRAY[NULL::${type}]`;

/** What is measured, each as what a program calls. */
const CALLS: Record<string, string> = {
  'page, newest': `api.history_page(${token(1)}, ${DEEP}, NULL, NULL, NULL, 50)`,
  'page before': `api.history_page(${token(1)}, ${DEEP}, ${some}, NULL, NULL, 50)`,
  'page after': `api.history_page(${token(1)}, ${DEEP}, NULL, ${some}, NULL, 50)`,
  'page around': `api.history_page(${token(1)}, ${DEEP}, NULL, NULL, ${some}, 50)`,
  'changes': `api.history_changes(${token(1)}, ${DEEP}, ${top} - 50, 50)`,
  'resume': `api.live_changes(1, ARRAY[${DEEP}], ARRAY[${top} - 50], 200, 131072, 100)`,
  'search for people': `api.login_accounts(${token(1)}, 'user 4711', NULL, 50)`,
  'send': `api.live_post(ARRAY['send'], ARRAY[1::bigint], ARRAY[${DEEP}::bigint], ARRAY[gen_random_uuid()], ARRAY['hello'], ${none('bigint')}, ${none('bigint')}, ${none('bigint')}, ${none('bigint')}, ${none('text')})`,
  ...Object.fromEntries(ROSTERS.flatMap((n, i) => [
    [`hello, in ${n}`, `api.live_hello(ARRAY[${token(i + 1)}])`],
    [`list of ${Math.min(n, 1000)} of ${n}`, `api.groups_conversations(${token(i + 1)}, NULL, 1000)`]])),
};

interface Cost { cpu_us: number; pages: number; whole: string }

async function measure(client: pg.Client, call: string): Promise<Cost> {
  const loop = `DO $$ BEGIN FOR i IN 1..${REPEATS} LOOP PERFORM ${call}; END LOOP; END $$`;
  await client.query(loop);
  let stats = '';
  const hear = (notice: { detail?: string | undefined }): void => void (stats += notice.detail ?? '');
  client.on('notice', hear);
  await client.query(`SET log_statement_stats = on; SET client_min_messages = log`);
  stats = '';
  await client.query(loop);
  client.off('notice', hear);
  await client.query(`RESET client_min_messages; RESET log_statement_stats`);
  const [, user, system] = /([\d.]+) s user, ([\d.]+) s system/.exec(stats)!;
  await client.query('BEGIN');
  const { rows: [plan] } = await client.query<{ 'QUERY PLAN': [{ Plan: Record<string, number> }] }>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT ${call}`);
  const { rows: [whole] } = await client.query<{ names: string | null }>(
    `SELECT string_agg(s.relname, ' ') AS names FROM pg_stat_xact_user_tables s JOIN pg_class c ON c.oid = s.relid WHERE s.schemaname = 'parley' AND s.seq_scan > 0 AND c.reltuples > 1000`);
  await client.query('ROLLBACK');
  const { Plan } = plan!['QUERY PLAN'][0];
  return { cpu_us: Math.round((Number(user) + Number(system)) * 1e6 / REPEATS), pages: Plan['Shared Hit Blocks']! + Plan['Shared Read Blocks']!, whole: whole!.names ?? '' };
}

const cluster = await Cluster.start({ settings: ['fsync=off', 'full_page_writes=off', 'shared_buffers=1GB', 'max_wal_size=4GB', 'random_page_cost=1.1', 'autovacuum=off'] });
const results: (Cost & { messages: number; call: string })[] = [];
try {
  const db = await cluster.database('growth');
  await db.query('SELECT parley._epoch()');
  await db.query(PEOPLE);
  let filled = 0;
  for (const size of SIZES) {
    await db.query(messages(filled, size));
    await db.query('VACUUM ANALYZE');
    filled = size;
    const client = new pg.Client({ host: cluster.dir, database: db.name, user: 'postgres' });
    await client.connect();
    try {
      await client.query('SET plan_cache_mode = force_generic_plan'); // as the programs' roles have it
      for (const [call, text] of Object.entries(CALLS)) results.push({ messages: size, call, ...await measure(client, text) });
      await client.query(`DELETE FROM parley.message WHERE conversation_id = ${DEEP} AND body = 'hello'`);
    } finally {
      await client.end();
    }
  }
} finally {
  await cluster.stop();
}
const of = (call: string, size: number): Cost => results.find((result) => result.call === call && result.messages === size)!;
console.log(['CPU µs / pages a call, at messages:'.padEnd(36), ...SIZES.map((size) => String(size).padStart(18))].join(''));
for (const call of Object.keys(CALLS)) console.log([call.padEnd(36), ...SIZES.map((size) => `${of(call, size).cpu_us} / ${of(call, size).pages}`.padStart(18))].join(''));
writeFileSync(process.env.OUT ?? join(ROOT, 'build/growth.json'), results.map((result) => `${JSON.stringify(result)}\n`).join(''));
const wrong = [...results.filter((result) => result.whole).map((result) => `${result.call}, ${result.messages} messages: reads from end to end: ${result.whole}`),
  ...Object.keys(CALLS).filter((call) => of(call, SIZES.at(-1)!).pages > 2 * of(call, SIZES.at(-2) ?? SIZES[0]!).pages + 20).map((call) => `${call}: its pages grow with the messages`)];
for (const line of wrong) console.log(line);
process.exit(wrong.length === 0 ? 0 : 1);
