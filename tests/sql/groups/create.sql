-- SPDX-License-Identifier: Apache-2.0
-- Conversations made: direct ones, groups; what is told of them, and in which order their rows came to be.
\ir ../fixture.psql
BEGIN;
SELECT plan(22);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob', 'cyd']) n;
SELECT t.id('ada') AS ada, t.id('bob') AS bob, t.id('cyd') AS cyd \gset
CREATE FUNCTION t.counter(name text) RETURNS bigint LANGUAGE sql AS $$
    SELECT account_mod FROM parley.account_sync WHERE account_id = t.id(name);
$$;

-- direct
SELECT t.direct('bob', 'ada') AS d \gset
SELECT set_eq('SELECT t.lines()', format('VALUES (''c %s 3''), (''a %s 1''), (''a %s 1'')', :d, :ada, :bob), 'a direct conversation is told to both and to the relays');
SELECT results_eq(format('SELECT account_id, role, mod, account_mod, joined_mod FROM parley.membership WHERE conversation_id = %s ORDER BY 1', :d),
    format('VALUES (%s::bigint, ''member'', 2::bigint, 1::bigint, 1::bigint), (%s, ''member'', 3, 1, 1)', :ada, :bob), 'two members, ascending');
SELECT is((SELECT (store, mod, changed_mod, last_seq, members_count)::text FROM parley.conversation WHERE id = :d), '(1,3,1,0,2)', 'the conversation itself took mod 1');
SELECT is(t.direct('ada', 'bob'), :d::bigint, 'asked for from the other side it is the same');
SELECT is((SELECT count(*) FROM parley.conversation), 1::bigint, 'and nothing was made');
SELECT t.direct('cyd', 'cyd') AS n \gset
SELECT is((SELECT (members_count, mod)::text FROM parley.conversation WHERE id = :n), '(1,2)', 'notes to self have one member');
SELECT throws_ok($$SELECT api.groups_direct(t.token('ada'), 4711)$$, 'PY000', 'not_found', 'nobody there');
SELECT throws_ok($$SELECT api.groups_direct(t.token('nobody'), t.id('ada'))$$, 'PY000', 'unauthenticated', 'nobody asks');
SELECT throws_ok($$SELECT api.groups_direct(NULL, t.id('ada'))$$, 'PY000', 'unauthenticated', 'no token');

-- groups
DELETE FROM parley.change_hint;
SELECT t.counter('ada') AS a, t.counter('bob') AS b, t.counter('cyd') AS c, t.group('bob', 'ada', 'cyd', 'ada', 'bob') AS g \gset
SELECT set_eq('SELECT t.lines()', format('VALUES (''c %s 4''), (''a %s %s''), (''a %s %s''), (''a %s %s'')', :g, :ada, :a + 1, :bob, :b + 1, :cyd, :c + 1), 'a group is told once to each member');
SELECT results_eq(format('SELECT account_id, role FROM parley.membership WHERE conversation_id = %s ORDER BY mod', :g),
    format('VALUES (%s::bigint, ''member''), (%s, ''owner''), (%s, ''member'')', :ada, :bob, :cyd), 'the creator is the owner, repeats count once');
SELECT is((SELECT (store, mod, changed_mod, last_seq, members_count)::text FROM parley.conversation WHERE id = :g), '(2,4,1,0,3)', 'no message in it');
SELECT is((t.row(:g, 'cyd') ->> 'mod')::bigint, 4::bigint, 'the row says its counter');

-- one ref
SELECT throws_ok($$SELECT api.groups_create(t.token('ada'), 'G', 'private', '{4711}', '00000000-0000-4000-8000-000000000001')$$, 'PY000', 'not_found', 'an unknown member makes no group');
SELECT is((SELECT count(*) FROM parley.conversation WHERE create_ref = '00000000-0000-4000-8000-000000000001'), 0::bigint, 'none');
SELECT (api.groups_create(t.token('ada'), 'G', 'public', NULL, '00000000-0000-4000-8000-000000000001')::json -> 'conversation' ->> 'id') AS first \gset
SELECT is(api.groups_create(t.token('ada'), 'H', 'private', ARRAY[:bob], '00000000-0000-4000-8000-000000000001')::json -> 'conversation' ->> 'id', :'first', 'a repeat is the group');
SELECT is((SELECT (title, visibility, members_count)::text FROM parley.conversation WHERE id = :first), '(G,public,1)', 'as it was made');
SELECT isnt(api.groups_create(t.token('bob'), 'H', 'private', NULL, '00000000-0000-4000-8000-000000000001')::json -> 'conversation' ->> 'id', :'first', 'another account''s ref is another');
SELECT api.groups_role(t.token('ada'), :first, :ada, 'owner'), api.groups_add(t.token('ada'), :first, ARRAY[:bob], 'owner'), api.groups_remove(t.token('ada'), :first, :ada);
SELECT throws_ok($$SELECT api.groups_create(t.token('ada'), 'G', 'public', NULL, '00000000-0000-4000-8000-000000000001')$$, 'PY000', 'not_a_member', 'a repeat by who has left');
SELECT api.groups_delete(t.token('bob'), :first);
SELECT throws_ok($$SELECT api.groups_create(t.token('ada'), 'G', 'public', NULL, '00000000-0000-4000-8000-000000000001')$$, 'PY000', 'not_found', 'or of what is deleted');
UPDATE parley.account SET deactivated = now() WHERE id = :cyd;
SELECT throws_ok($$SELECT api.groups_direct(t.token('ada'), t.id('cyd'))$$, 'PY000', 'not_found', 'a deactivated account cannot be talked to');
SELECT throws_ok($$SELECT api.groups_create(t.token('ada'), 'G', 'private', t.ids('bob', 'cyd'), gen_random_uuid())$$, 'PY000', 'not_found', 'nor be made a member');
SELECT * FROM finish();
ROLLBACK;
