// SPDX-License-Identifier: Apache-2.0
// Accounts, sessions and conversations for the bench, put straight into the tables.

import type { Database } from '../lib/cluster.ts';

/** pairs: two and two talk · group: all in one · roster: each in 20 groups of 50 · deep: all in one of 100,000 messages ·
 *  many: all in 500 groups, in which nobody has read 20 messages of the last person. */
export type People = 'pairs' | 'group' | 'roster' | 'deep' | 'many';

const GROUP_SIZE = 50;
const ROSTER = 20;
const MANY = 500;

/** Account i (from 1) is in the conversations `place(i, k)`, k below `roster`, of `conversations` in all. */
interface Shape {
  direct?: true;
  roster: number;
  members: (count: number) => number;
  conversations: (count: number) => number;
  /** Of `i` and `k`, in SQL and from 0. */
  place: string;
  /** Messages in each conversation. */
  depth?: number;
}
const ONE_GROUP: Shape = { roster: 1, members: (count) => count, conversations: () => 1, place: '0 * k' };
const SHAPES: Record<People, Shape> = {
  pairs: { direct: true, roster: 1, members: () => 2, conversations: (count) => count / 2, place: '(i - 1) / 2 + 0 * k' },
  group: ONE_GROUP,
  deep: { ...ONE_GROUP, depth: 100_000 },
  many: { roster: MANY, members: (count) => count, conversations: () => MANY, place: 'k + 0 * i', depth: 20 },
  roster: { roster: ROSTER, members: () => GROUP_SIZE, conversations: (count) => (count * ROSTER) / GROUP_SIZE, place: '(i * 7 + k * 11)' },
};

/** Ids begin above `base`; `tokens` are `[token, hash in hex]`, one an account. Returns the lines `TOKEN CONVERSATION,…`. */
export async function fill(db: Database, people: People, base: number, tokens: [string, string][]): Promise<string[]> {
  const shape = SHAPES[people];
  const count = tokens.length;
  const conversations = shape.conversations(count);
  await accounts(db, base, tokens);
  await db.query(`INSERT INTO parley.conversation (id, store, title, members_count, created, created_by)
                  SELECT $1::bigint + i, $3::smallint, $4, $5, now(), $1::bigint + 1 FROM generate_series(1, $2::int) i`,
    [base, conversations, shape.direct ? 1 : 2, shape.direct ? null : 'Load', shape.members(count)]);
  await db.query(`INSERT INTO parley.membership (conversation_id, account_id, role, mod, account_mod, joined_mod, joined)
                  SELECT DISTINCT $1::bigint + 1 + (${shape.place}) % $3::int, $1::bigint + i, 'member', 0, 1, 1, now()
                    FROM generate_series(1, $2::int) i, generate_series(0, $4::int - 1) k`, [base, count, conversations, shape.roster]);
  if (shape.depth) await messages(db, base, conversations, shape.depth, base + count);
  // As on a young server: a table that was found empty is planned for as if it stayed so.
  await db.query(`VACUUM ANALYZE parley.account, parley.account_sync, parley.credential, parley.session, parley.conversation,
                                 parley.membership${shape.depth ? ', parley.message' : ''}`);
  const rosters = await db.query<{ list: string }>(`SELECT array_to_string((array_agg(conversation_id))[1:${ROSTER}], ',') AS list FROM parley.membership
     WHERE account_id BETWEEN $1::bigint + 1 AND $1::bigint + $2::int GROUP BY account_id ORDER BY account_id`, [base, count]);
  return tokens.map(([token], i) => `${token} ${rosters[i]!.list}\n`);
}

async function accounts(db: Database, base: number, tokens: [string, string][]): Promise<void> {
  const count = tokens.length;
  await db.query(`INSERT INTO parley.account (id, login, display_name, created) SELECT $1::bigint + i, 'load.' || $1::bigint + i, 'Load ' || i, now()
                    FROM generate_series(1, $2::int) i`, [base, count]);
  await db.query('INSERT INTO parley.account_sync SELECT id, 1 FROM parley.account WHERE id > $1 AND id <= $1 + $2', [base, count]);
  await db.query("INSERT INTO parley.credential SELECT id, '-', false, now() FROM parley.account WHERE id > $1 AND id <= $1 + $2", [base, count]);
  await db.query(`INSERT INTO parley.session (id, account_id, token_hash, device, created, last_seen, idle_seconds)
                  SELECT $1::bigint + i, $1::bigint + i, decode(h, 'hex'), 'load', now(), now(), 86400 FROM unnest($2::text[]) WITH ORDINALITY t(h, i)`,
    [base, tokens.map(([, hash]) => hash)]);
}

async function messages(db: Database, base: number, conversations: number, depth: number, sender: number): Promise<void> {
  await db.query(`INSERT INTO parley.message (store, conversation_id, seq, mod, id, ref, sender_id, time, body)
                  SELECT 2, $1::bigint + c, i, i, ($1::bigint + c) * 1000000 + i, gen_random_uuid(), $4::bigint, now(), repeat('x', 100)
                    FROM generate_series(1, $2::int) c, generate_series(1, $3::int) i`, [base, conversations, depth, sender]);
  await db.query('UPDATE parley.conversation SET last_seq = $3, mod = $3, changed_mod = $3 WHERE id > $1 AND id <= $1 + $2', [base, conversations, depth]);
}
