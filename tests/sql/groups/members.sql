-- SPDX-License-Identifier: Apache-2.0
-- Members come and go: what rows and lines that makes, mods in their order, counters kept, the last owner.
\ir ../fixture.psql
BEGIN;
SELECT plan(41);
SELECT t.person(n) FROM unnest(ARRAY['own', 'adm', 'one', 'two', 'out', 'far']) n;
SELECT t.group('own', 'adm', 'one', 'two') AS g, t.id('out') AS out, t.id('far') AS far, t.id('one') AS one \gset
SELECT api.groups_role(t.token('own'), :g, t.id('adm'), 'admin');
CREATE FUNCTION t.shape(conversation bigint, since bigint) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(kind::text || (mod - since), ' ' ORDER BY mod)
      FROM api.live_changes(NULL, ARRAY[conversation], ARRAY[since], 100, 100000, 100) WHERE kind <> 'e';
$$;
-- t.sound(): members_count is the number of members, and no two rows of one conversation share a mod.
CREATE FUNCTION t.sound() RETURNS boolean LANGUAGE sql AS $$
    SELECT bool_and(c.members_count = (SELECT count(*) FROM parley.membership u WHERE u.conversation_id = c.id AND u.role IS NOT NULL)
                AND (SELECT count(*) = count(DISTINCT r.mod) AND max(r.mod) <= c.mod FROM (
                        SELECT u.mod FROM parley.membership u WHERE u.conversation_id = c.id UNION ALL
                        SELECT m.mod FROM parley.message m WHERE m.store = c.store AND m.conversation_id = c.id UNION ALL
                        SELECT c.changed_mod) r))
      FROM parley.conversation c;
$$;

-- adding
DELETE FROM parley.change_hint;
SELECT t.mod(:g) AS m \gset
SELECT is(api.groups_add(t.token('adm'), :g, ARRAY[:far, :out, :one, :out], NULL), NULL, 'an admin adds');
SELECT is(t.shape(:g, :m), 'u1 u2 m3 c4', 'members, message, conversation: a mod each');
SELECT is((SELECT action FROM parley.message WHERE conversation_id = :g), jsonb_build_object('type', 'added', 'accounts', ARRAY[:out, :far]::text[]), 'the message names who came');
SELECT set_eq('SELECT t.lines()', format('VALUES (''c %s %s''), (''a %s 1''), (''a %s 1'')', :g, :m + 4, :out, :far), 'the new ones are told, the present ones not');
SELECT is((SELECT array_agg(account_mod) FROM parley.membership WHERE conversation_id = :g AND account_id IN (:out, :far)), '{1,1}', 'their rows say so');
SELECT t.mod(:g) AS m \gset
SELECT api.groups_add(t.token('adm'), :g, ARRAY[:far, :one], NULL);
SELECT is(t.mod(:g), :m::bigint, 'adding who is there changes nothing');
SELECT throws_ok(format($$SELECT api.groups_add(t.token('one'), %s, '{%s}', NULL)$$, :g, :far), 'PY000', 'forbidden', 'a member adds nobody');
SELECT throws_ok(format($$SELECT api.groups_add(t.token('adm'), %s, '{%s}', 'admin')$$, :g, :far), 'PY000', 'forbidden', 'an admin gives no roles');
SELECT throws_ok(format($$SELECT api.groups_add(t.token('own'), %s, '{4711}', NULL)$$, :g), 'PY000', 'not_found', 'nobody adds nobody');

-- roles
SELECT t.mod(:g) AS m \gset
SELECT is(api.groups_role(t.token('own'), :g, :far, 'admin'), NULL, 'an owner gives a role');
SELECT is(t.shape(:g, :m), 'u1', 'the member''s row is what changes');
SELECT api.groups_role(t.token('own'), :g, :far, 'admin');
SELECT is(t.mod(:g), :m::bigint + 1, 'the same role again is nothing');
SELECT throws_ok(format($$SELECT api.groups_role(t.token('adm'), %s, %s, 'member')$$, :g, :far), 'PY000', 'forbidden', 'an admin gives none');
SELECT throws_ok(format($$SELECT api.groups_role(t.token('own'), %s, t.id('own'), 'admin')$$, :g), 'PY000', 'last_owner', 'the last owner does not step down');
SELECT throws_ok(format($$SELECT api.groups_role(t.token('own'), %s, 4711, 'admin')$$, :g), 'PY000', 'not_found', 'who is not in it has no role');

-- removing
SELECT t.mod(:g) AS m, (SELECT account_mod FROM parley.account_sync WHERE account_id = :one) AS am \gset
DELETE FROM parley.change_hint;
SELECT throws_ok(format($$SELECT api.groups_remove(t.token('two'), %s, %s)$$, :g, :one), 'PY000', 'forbidden', 'a member removes nobody');
SELECT throws_ok(format($$SELECT api.groups_remove(t.token('adm'), %s, %s)$$, :g, :far), 'PY000', 'forbidden', 'an admin no admin');
SELECT throws_ok(format($$SELECT api.groups_remove(t.token('adm'), %s, t.id('own'))$$, :g), 'PY000', 'forbidden', 'and no owner');
SELECT throws_ok(format($$SELECT api.groups_remove(t.token('own'), %s, t.id('own'))$$, :g), 'PY000', 'last_owner', 'the last owner stays');
SELECT is(api.groups_remove(t.token('adm'), :g, :one), NULL, 'an admin removes a member');
SELECT is(t.shape(:g, :m), 'l1 m2 c3', 'first the member, then what is said of it');
SELECT set_eq('SELECT t.lines()', format('VALUES (''c %s %s''), (''a %s %s'')', :g, :m + 3, :one, :am + 1), 'the removed one is told');
SELECT throws_ok(format($$SELECT api.groups_remove(t.token('adm'), %s, %s)$$, :g, :one), 'PY000', 'not_found', 'once');
SELECT throws_ok(format($$SELECT api.groups_remove(t.token('one'), %s, %s)$$, :g, :one), 'PY000', 'not_found', 'and is nobody there now');
SELECT throws_ok(format($$SELECT api.groups_members(t.token('one'), %s, 0, 10)$$, :g), 'PY000', 'not_found', 'who sees no members');
SELECT is(api.groups_remove(t.token('two'), :g, t.id('two')), NULL, 'a member leaves');
SELECT is((SELECT string_agg(action ->> 'type', ' ' ORDER BY seq) FROM parley.message WHERE conversation_id = :g), 'added removed left', 'messages tell which it was');
SELECT is(api.groups_remove(t.token('own'), :g, :far), NULL, 'an owner removes an admin');
SELECT ok(t.sound(), 'counts and mods are right');

-- coming back
SELECT t.say('own', :g) FROM generate_series(1, 3);
SELECT last_seq AS last FROM parley.conversation WHERE id = :g \gset
SELECT api.groups_add(t.token('own'), :g, ARRAY[:one], 'owner');
SELECT is((SELECT (role, read_seq, received_seq, visible_from)::text FROM parley.membership WHERE conversation_id = :g AND account_id = :one), format('(owner,%s,%1$s,1)', :last), 'what was said meanwhile counts as read');
SELECT is((SELECT joined_mod = account_mod FROM parley.membership WHERE conversation_id = :g AND account_id = :one), true, 'it is a joining');
SELECT is(api.groups_role(t.token('one'), :g, t.id('own'), 'member'), NULL, 'of two owners one may step down');
SELECT throws_ok(format($$SELECT api.groups_remove(t.token('one'), %s, %s)$$, :g, :one), 'PY000', 'last_owner', 'the other not');
SELECT ok(t.sound(), 'counts and mods are right');

-- joining, and the whole deleted
SELECT throws_ok(format($$SELECT api.groups_join(t.token('out'), %s)$$, t.group('own')), 'PY000', 'not_found', 'a private group is not joined');
SELECT api.groups_change(t.token('one'), :g, NULL, false, NULL, false, NULL, 'public', false, NULL, NULL);
SELECT t.mod(:g) AS m \gset
SELECT api.groups_join(t.token('far'), :g);
SELECT is(t.shape(:g, :m), 'u1 m2 c3', 'joining is being added by oneself');
DELETE FROM parley.change_hint;
SELECT api.groups_delete(t.token('one'), :g);
SELECT is((SELECT count(*) FROM t.lines() l WHERE l LIKE 'a %'), 5::bigint, 'at a deletion every member is told');
SELECT is((SELECT (members_count, (SELECT count(*) FROM parley.job WHERE kind = 'group_delete' AND detail ->> 'conversation' = c.id::text))::text
             FROM parley.conversation c WHERE id = :g AND deleted IS NOT NULL), '(0,1)', 'and a job removes the rows');
SELECT is(t.shape(:g, 0), NULL, 'the hub reads none of its rows any more');
SELECT is((SELECT count(*) FROM parley.membership u, api.live_account_changes(ARRAY[u.account_id], ARRAY[u.account_mod - 1], 10, 100) e
            WHERE u.conversation_id = :g AND u.mod = t.mod(:g) AND e.kind = '-' AND (e.event::jsonb ->> 'mod')::bigint = u.mod), 5::bigint, 'each member hears of itself');
SELECT is((SELECT kind::text FROM api.live_changes(t.id('one'), ARRAY[:g], '{0}', 10, 1000, 100)), 'x', 'and who comes later is not in it');
SELECT * FROM finish();
ROLLBACK;
