-- SPDX-License-Identifier: Apache-2.0
-- What a deleted group leaves behind goes in slices: members first, each told of itself, then what was said.
\ir ../fixture.psql
BEGIN;
SELECT plan(14);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob', 'cyd', 'dan', 'eve']) n;
SELECT t.group('ada', 'bob', 'cyd', 'dan', 'eve') AS g, t.group('bob', 'ada') AS other \gset
SELECT t.say('bob', :g, 'one', t.ids('ada', 'cyd')), t.say('bob', :g, 'two'), t.say('bob', :g, 'three'), t.say('bob', :other, 'kept', t.ids('ada'));
SELECT t.do('cyd', 'react', :g, '+', 1), t.do('ada', 'react', :other, '+', 1);
SELECT account_mod AS before FROM parley.account_sync WHERE account_id = t.id('eve') \gset

-- As it would be of a group of more members than are told at once.
UPDATE parley.conversation SET deleted = now(), mod = mod + 1 WHERE id = :g RETURNING mod \gset
INSERT INTO parley.job VALUES (1, 'group_delete', clock_timestamp(), jsonb_build_object('conversation', :'g')), (2, 'another', now(), '{}');
CREATE FUNCTION t.left() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT (SELECT count(*) FROM parley.membership u WHERE u.conversation_id = c.id AND u.role IS NOT NULL) || ' '
        || c.members_count || ' ' || (SELECT count(*) FROM parley.message m WHERE m.conversation_id = c.id)
      FROM parley.conversation c WHERE c.deleted IS NOT NULL;
$$;
TRUNCATE parley.change_hint;
SELECT is(parley._group_delete(3, 2), true, 'a slice');
SELECT is(t.left(), '2 2 3', 'of members');
SELECT is((SELECT count(*) FROM t.lines() l WHERE l LIKE 'a %'), 3::bigint, 'each is told of itself');
SELECT is(parley._group_delete(3, 2), true, 'the next');
SELECT is(t.left(), '0 0 3', 'takes the rest');
SELECT is((SELECT array_agg(DISTINCT u.mod) FROM parley.membership u WHERE u.conversation_id = :g), ARRAY[:mod]::bigint[], 'all with the mod of the deletion');
SELECT is((SELECT kind::text || ' ' || (event::jsonb ->> 'mod') FROM api.live_account_changes(ARRAY[t.id('eve')], ARRAY[:before], 10, 100) WHERE kind <> 'e'), '- ' || :mod, 'as each one''s devices hear');
SELECT is(parley._group_delete(3, 2), true, 'then messages');
SELECT is(t.left(), '0 0 1', 'a slice of them');
SELECT is(parley._group_delete(3, 2), true, 'until none is left');
SELECT is((SELECT count(*) FROM parley.mention) || ' ' || (SELECT count(*) FROM parley.reaction) || ' ' || t.left(), '1 1 0 0 0', 'and what was tied to them; nothing of other groups');
SELECT is(parley._group_delete(3, 2), false, 'the job is done');
SELECT is((SELECT string_agg(kind, ' ') FROM parley.job), 'another', 'others are not its own');
SELECT is((SELECT kind::text FROM api.live_changes(t.id('dan'), ARRAY[:g], ARRAY[1], 10, 100000, 100)), 'x', 'who comes back later learns of it');
SELECT * FROM finish();
ROLLBACK;
