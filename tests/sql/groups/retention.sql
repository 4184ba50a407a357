-- SPDX-License-Identifier: Apache-2.0
-- What a group keeps no longer goes from the bottom, in slices, each with one mod; nothing else goes.
\ir ../fixture.psql
BEGIN;
SELECT plan(11);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob']) n;
SELECT t.group('ada', 'bob') AS g, t.group('ada', 'bob') AS second, t.group('ada', 'bob') AS other \gset
SELECT t.say('bob', c, 'x', t.ids('ada')) FROM unnest(ARRAY[:g, :second, :other]) c, generate_series(1, 6);
SELECT t.do('ada', 'react', c, '+', 2) FROM unnest(ARRAY[:g, :second, :other]) c;
UPDATE parley.message SET time = now() - interval '30 days 1 minute' WHERE seq <= 5;
-- Stepped back since: what is above a message that is kept stays too.
UPDATE parley.message SET time = now() WHERE conversation_id = :second AND seq = 3;

CREATE FUNCTION t.kept() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(format('%s-%s of %s', c.first_seq, c.last_seq, (SELECT count(*) FROM parley.message m WHERE m.conversation_id = c.id)), ', ' ORDER BY c.id)
      FROM parley.conversation c;
$$;
SELECT t.kept() AS all_of_it \gset
SELECT is(parley._retain() || t.kept(), 'false' || :'all_of_it', 'without retention nothing goes');
SELECT api.groups_change(t.token('ada'), c, NULL, false, NULL, false, NULL, NULL, true, 31, NULL) FROM unnest(ARRAY[:g, :second]) c;
SELECT is(parley._retain() || t.kept(), 'false' || :'all_of_it', 'nor before its time');
UPDATE parley.conversation SET retention_days = 30 WHERE retention_days = 31;
SELECT t.mod(:g) AS before \gset
TRUNCATE parley.change_hint;
SELECT is(parley._retain(1, 100), true, 'a slice of groups');
SELECT is(t.kept(), '6-6 of 1, 1-6 of 6, 1-6 of 6', 'all that is too old');
SELECT is(array_agg(l), ARRAY[format('c %s %s', :'g', :before + 1)], 'is told by one mod') FROM t.lines() l;
SELECT is(parley._retain(100, 1), true, 'a slice of messages');
SELECT is(parley._retain() || t.kept(), 'false6-6 of 1, 3-6 of 4, 1-6 of 6', 'and the rest');
SELECT is((SELECT count(*) FROM parley.mention) || ' ' || (SELECT count(*) FROM parley.reaction), '11 1', 'with what was tied to it; nothing of other groups');
SELECT is(t.row(:g, 'ada') ->> 'unread', '1', 'what is gone is not unread');
UPDATE parley.message SET time = now() - interval '31 days' WHERE conversation_id = :g;
SELECT is(api.live_prune(365) || t.kept(), 'false7-6 of 0, 3-6 of 4, 1-6 of 6', 'all may go, by the upkeep of any relay');
SELECT is(t.say('bob', :g), 7::bigint, 'and the next message takes the next seq');
SELECT * FROM finish();
ROLLBACK;
