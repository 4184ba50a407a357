-- SPDX-License-Identifier: Apache-2.0
-- One's own settings in a conversation, and changes of a group: which counters they take.
\ir ../fixture.psql
BEGIN;
SELECT plan(21);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob', 'eve']) n;
SELECT t.group('ada', 'bob') AS g, t.id('bob') AS bob \gset
CREATE FUNCTION t.mods() RETURNS text LANGUAGE sql AS $$
    SELECT (u.account_mod, u.settings_mod, u.draft_mod, u.read_mod)::text FROM parley.membership u WHERE u.account_id = t.id('bob');
$$;
CREATE FUNCTION t.set(conversation bigint, notify text DEFAULT NULL, muted text DEFAULT NULL, favourite boolean DEFAULT NULL, draft text DEFAULT NULL,
                      set_muted boolean DEFAULT false) RETURNS jsonb LANGUAGE sql AS $$
    SELECT api.groups_settings(t.token('bob'), conversation, notify, set_muted OR muted IS NOT NULL, muted, favourite, draft IS NOT NULL, draft)::jsonb -> 'conversation';
$$;
SELECT is(t.mods(), '(1,0,0,0)', 'to begin with');
SELECT t.mod(:g) AS m \gset
DELETE FROM parley.change_hint;
SELECT is(t.set(:g, notify => 'none') ->> 'notify', 'none', 'notify');
SELECT is(t.mods(), '(2,2,0,0)', 'takes an account_mod');
SELECT set_eq('SELECT t.lines()', format('VALUES (''a %s 2'')', :bob), 'and tells the account alone');
SELECT is(t.mod(:g), :m::bigint, 'the conversation''s counter stays');
SELECT t.set(:g, notify => 'none');
SELECT is(t.mods(), '(2,2,0,0)', 'the same again takes nothing');
SELECT is(t.set(:g, draft => 'half a', favourite => true) ->> 'draft', 'half a', 'a draft beside a setting');
SELECT is(t.mods(), '(4,3,4,0)', 'takes one of its own');
SELECT is(t.set(:g, draft => '') ->> 'draft', NULL, 'an empty draft is none');
SELECT is(t.set(:g, muted => '2030-01-01T00:00:00.1234Z') ->> 'muted_until', '2030-01-01T00:00:00.123Z', 'muted until a time');
SELECT is(t.set(:g, set_muted => true) ->> 'muted_until', NULL, 'and no longer');
SELECT throws_ok(format('SELECT t.set(%s, muted => %L)', :g, m), 'PY000', 'invalid', 'not a time: ' || m) FROM unnest(ARRAY['now', 'infinity', '2030-01-01', '']) m;
SELECT throws_like(format('SELECT t.set(%s, muted => %L)', :g, '2030-02-31T00:00:00Z'), '%out of range%', 'a day that does not exist');
SELECT throws_ok(format($$SELECT api.groups_settings(t.token('eve'), %s, 'all', false, NULL, NULL, false, NULL)$$, :g), 'PY000', 'not_found', 'a stranger has no settings');

-- a group's own change
SELECT api.groups_change(t.token('ada'), :g, 'A group', true, NULL, false, NULL, NULL, false, NULL, NULL);
SELECT is(t.mod(:g), :m::bigint, 'what is as it was changes nothing');
SELECT api.groups_change(t.token('ada'), :g, 'Another', true, 'about', false, NULL, NULL, false, NULL, NULL);
SELECT results_eq(format('SELECT kind::text, mod FROM api.live_changes(NULL, ARRAY[%s], ARRAY[%s], 10, 100000, 100)', :g, :m),
    format('VALUES (''m'', %s::bigint), (''c'', %s), (''e'', %2$s)', :m + 1, :m + 2), 'a new title is a message and a change');
SELECT api.groups_change(t.token('ada'), :g, NULL, true, 'of all', false, NULL, NULL, false, NULL, NULL);
SELECT is(t.mod(:g), :m::bigint + 3, 'a new topic a change only');
SELECT throws_ok(format($$SELECT api.groups_change(t.token('bob'), %s, 'x', false, NULL, false, NULL, NULL, false, NULL, NULL)$$, :g), 'PY000', 'forbidden', 'a member changes nothing');
SELECT * FROM finish();
ROLLBACK;
