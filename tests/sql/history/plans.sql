-- SPDX-License-Identifier: Apache-2.0
-- How the hot paths reach their rows, as the server counts scans inside of a transaction: none reads a table from end to end, none
-- touches the store of the other kind, and none goes through the members of a large group to find one of them.
\ir ../fixture.psql
\ir ../plans.psql
SELECT count(*) FROM (SELECT t.person('p' || n) FROM generate_series(1, 400) n) x;
SELECT count(*) FROM (SELECT t.direct('p' || n, 'p' || m) FROM generate_series(1, 3) n, generate_series(11, 400) m) x;
SELECT t.group('p1', VARIADIC ARRAY(SELECT 'p' || n FROM generate_series(2, 400) n)) AS g, t.direct('p1', 'p11') AS d \gset
SELECT count(*) FROM (SELECT t.say('p1', c, 'x') FROM unnest(ARRAY[:g, :d]) c, generate_series(1, 300)) x;
-- What else there is on a grown server: without it, reading a table from end to end would be right.
INSERT INTO parley.account (id, login, display_name, created) SELECT n, 'x' || n, 'X', now() FROM generate_series(1, 5000) n;
INSERT INTO parley.message (store, conversation_id, seq, mod, id, sender_id, time, body)
    SELECT 1 + n % 2, n % 200, n / 200, n, n, 1, now(), 'noise' FROM generate_series(1, 40000) n;
INSERT INTO parley.reaction SELECT n % 200, n, '+', n, now() FROM generate_series(1, 5000) n;
INSERT INTO parley.mention SELECT n, n % 200, n FROM generate_series(1, 5000) n;
VACUUM ANALYZE;

BEGIN;
SELECT plan(20);
SELECT is_empty(format('SELECT t.frugal(%L, %L, 8)', t.post(1, :d), 'group_message'), 'a direct message');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 8)', t.post(1, :g), 'direct_message'), 'a group message');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 300)', t.post(100, :g), 'direct_message'), 'a hundred group messages');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 300)', t.post(100, :g, :d), ''), 'a hundred in two conversations');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 12)', format('SELECT t.do(''p1'', ''edit'', %s, ''y'' || random(), 5, mentions => t.ids(''p2'', ''p3''))', :g), 'direct_message'), 'an edit with mentions');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 12)', format('SELECT t.do(''p2'', ''react'', %s, ''+'' || random(), 5)', :g), 'direct_message'), 'a reaction');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 30)', format('SELECT t.read(''p'' || n, %s, 300) FROM generate_series(2, 4) n', :g), ''), 'read markers of three in a large group');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 60)', format('SELECT api.history_page(t.token(''p1''), %s, NULL, NULL, NULL, 50)', :g), 'direct_message'), 'the newest page of a group');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 60)', format('SELECT api.history_page(t.token(''p1''), %s, 100, NULL, NULL, 50)', :d), 'group_message'), 'a page of a direct conversation');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 60)', format('SELECT api.history_page(t.token(''p1''), %s, NULL, NULL, 100, 50)', :g), 'direct_message'), 'a page around a seq');
SELECT is((SELECT keyed FROM t.touched(format('SELECT api.history_page(t.token(''p1''), %s, NULL, 100, NULL, 50)', :g)) WHERE relname = 'group_message'), 1::bigint, 'a page is one indexed read of messages');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 60)', format('SELECT api.history_changes(t.token(''p1''), %s, %s, 50)', :g, t.mod(:g) - 20), 'direct_message'), 'changes of a group');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 110)', format('SELECT api.live_changes(NULL, ARRAY[%s], ARRAY[%s], 50, 100000, 100)', :d, t.mod(:d) - 20), 'group_message'), 'a relay catches up');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 8)', format('SELECT api.live_account_changes(ARRAY[t.id(''p1'')], ARRAY[%s], 50, 100)', (SELECT account_mod FROM parley.account_sync WHERE account_id = t.id('p1'))), ''), 'an account that is up to date');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 1200)', 'SELECT api.groups_conversations(t.token(''p1''), NULL, 1000)', ''), 'a list of 392');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 20)', 'SELECT api.groups_conversations(t.token(''p11''), NULL, 1000)', ''), 'a list with 600 unread');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 8)', format('SELECT api.groups_conversation(t.token(''p11''), %s)', :d), 'group_message'), 'one row of the list, with 400 unread');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 12)', 'SELECT api.groups_direct(t.token(''p11''), t.id(''p1''))', 'group_message'), 'a direct conversation that is there');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 70)', format('SELECT api.groups_members(t.token(''p1''), %s, 0, 50)', :g), 'direct_message'), 'a page of members');
SELECT is_empty(format('SELECT t.frugal(%L, %L, 1300)', 'SELECT api.live_markers(ARRAY[t.id(''p1'')], ''{0}'', 100, 50, 1000)', ''), 'markers after ready');
SELECT * FROM finish();
ROLLBACK;
