-- SPDX-License-Identifier: Apache-2.0
-- A database that was empty when it was analysed, and then filled before that happens again: no call walks through a conversation.
\ir ../fixture.psql
\ir ../plans.psql
SELECT t.person(n) FROM unnest(ARRAY['p1', 'p2', 'p3']) n;
SELECT t.direct('p1', 'p2') AS d, t.group('p1', 'p2', 'p3') AS g \gset
ANALYZE;
INSERT INTO parley.message (store, conversation_id, seq, mod, id, sender_id, ref, time, body)
    SELECT c.store, c.id, n, 10 + n, n, t.id('p' || 1 + n % 2), gen_random_uuid(), now(), 'x'
      FROM parley.conversation c, generate_series(2, 20000) n;
UPDATE parley.conversation SET last_seq = 20000, mod = 20010;
INSERT INTO parley.message (store, conversation_id, seq, mod, id, sender_id, ref, time, body)
    SELECT 1 + n % 2, n % 200, n / 200, n, n, 1, gen_random_uuid(), now(), 'noise' FROM generate_series(1, 40000) n;
-- As it ships.
SET plan_cache_mode = force_generic_plan;
SET random_page_cost = 1.1;

-- t.walks(call, most): the message tables of which it reads more rows.
CREATE FUNCTION t.walks(call text, most bigint) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT format('%s: %s whole, %s keyed, %s rows', x.relname, x.whole, x.keyed, x.rows)
      FROM t.touched(call) x WHERE x.relname LIKE '%message' AND (x.whole > 0 OR x.rows > most);
$$;
BEGIN;
SELECT plan(9);
SELECT is_empty(format('SELECT t.walks(%L, 4)', t.post(1, :d)), 'a direct message');
SELECT is_empty(format('SELECT t.walks(%L, 4)', t.post(1, :g)), 'a group message');
SELECT is_empty(format('SELECT t.walks(%L, 4)', format('SELECT t.do(''p1'', ''edit'', %s, ''y'' || random(), 3000)', :g)), 'an edit');
SELECT is_empty(format('SELECT t.walks(%L, 50)', format('SELECT api.history_page(t.token(''p1''), %s, 5000, NULL, NULL, 50)', :d)), 'a page');
SELECT is_empty(format('SELECT t.walks(%L, 50)', format('SELECT api.history_page(t.token(''p1''), %s, NULL, NULL, 5000, 50)', :g)), 'a page around a seq');
SELECT is_empty(format('SELECT t.walks(%L, 60)', format('SELECT api.history_changes(t.token(''p1''), %s, 5000, 50)', :g)), 'changes');
SELECT is_empty(format('SELECT t.walks(%L, 120)', format('SELECT api.live_changes(NULL, ARRAY[%s], ARRAY[5000], 50, 100000, 100)', :d)), 'a relay catches up');
SELECT t.read('p1', :d, 19900), t.read('p1', :g, 19900);
SELECT is_empty(format('SELECT t.walks(%L, 120)', 'SELECT api.groups_conversations(t.token(''p1''), NULL, 1000)'), 'a list');
SELECT is_empty(format('SELECT t.walks(%L, 120)', format('SELECT api.groups_conversation(t.token(''p1''), %s)', :d)), 'one row of it');
SELECT * FROM finish();
ROLLBACK;
