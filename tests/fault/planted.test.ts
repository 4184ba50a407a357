// SPDX-License-Identifier: Apache-2.0
//
// A Parley that is made to lose, double, swap or show one message too many is found out by the same run that finds nothing
// in the real one: the fault is planted into the test's own database.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pause } from '../lib/wait.ts';
import { check, type PropertyName } from './checker.ts';
import { History } from './history.ts';
import { Place } from './place.ts';
import { Random } from './random.ts';
import { Workload } from './workload.ts';

/** What is planted: a function of the database and what of its text is changed. */
const PLANTED: [name: string, fn: string, from: RegExp, to: string, found: PropertyName][] = [
  ['loses one message in thirty', 'parley._store_messages', /FROM unnest\(fresh\);/, 'FROM unnest(fresh) f WHERE f.seq % 30 <> 7;', 'P1'],
  ['stores one message in thirty twice', 'parley._post', /sent := sent \|\| m\.ref;/, `sent := sent || m.ref;
    IF m.seq % 30 = 7 THEN c.last_seq := c.last_seq + 1; c.mod := c.mod + 1; m.ref := NULL; m.seq := c.last_seq; m.mod := c.mod; m.id := parley._id(); fresh := fresh || m; END IF;`, 'P3'],
  ['swaps two messages', 'parley._store_messages', /SELECT \* FROM unnest\(fresh\);/, `SELECT * FROM unnest(fresh);
    UPDATE parley.message a SET body = b.body FROM parley.message b, unnest(fresh) f
     WHERE f.seq % 30 = 7 AND (a.store, a.conversation_id) = (f.store, f.conversation_id) AND (b.store, b.conversation_id) = (f.store, f.conversation_id)
       AND ((a.seq = f.seq AND b.seq = f.seq - 1) OR (a.seq = f.seq - 1 AND b.seq = f.seq));`, 'P4'],
];

describe('the harness', () => {
  let place: Place;
  before(async () => {
    place = await Place.start();
  });
  after(() => place?.stop());

  /** A few seconds of the workload, without any fault. */
  async function judged(seed: number) {
    const random = new Random(seed);
    const history = new History();
    const workload = new Workload(place.stack, history, random);
    try {
      await workload.start();
      await pause(4000);
      await workload.quiet();
    } finally {
      await workload.stop();
    }
    return check(history.entries);
  }

  it('finds nothing in what is right', { timeout: 120_000 }, async () => {
    const { violations, acknowledged } = await judged(1);
    assert.deepEqual(violations, []);
    assert.ok(acknowledged > 50);
  });

  for (const [name, fn, from, to, found] of PLANTED) {
    it(`finds a server that ${name}`, { timeout: 120_000 }, async () => {
      const [{ body }] = await place.stack.db.query<{ body: string }>('SELECT pg_get_functiondef($1::regproc) AS body', [fn]) as [{ body: string }];
      assert.match(body, from);
      await place.stack.db.query(body.replace(from, to));
      try {
        const properties = (await judged(2)).violations.map(({ property }) => property);
        assert.ok(properties.includes(found), `${found} is not among ${[...new Set(properties)].join()}`);
      } finally {
        await place.stack.db.query(body);
      }
    });
  }
});
