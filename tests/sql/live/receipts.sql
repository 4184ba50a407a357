-- SPDX-License-Identifier: Apache-2.0
-- api.live_receipts and api.live_markers: markers move forward only, and are told to whom they concern.
\ir ../fixture.psql
BEGIN;
SELECT plan(27);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob', 'cyd', 'eve']) n;
SELECT t.direct('ada', 'bob') AS d, t.group('ada', 'bob', 'cyd') AS g \gset
SELECT t.say('ada', :d) FROM generate_series(1, 5);
SELECT t.say('ada', :g) FROM generate_series(1, 3);
CREATE FUNCTION t.markers(name text, conversation bigint) RETURNS text LANGUAGE sql AS $$
    SELECT u.read_seq || '/' || u.received_seq FROM parley.membership u
     WHERE u.account_id = t.id(name) AND u.conversation_id = conversation;
$$;
CREATE FUNCTION t.counter(name text) RETURNS bigint LANGUAGE sql AS $$
    SELECT account_mod FROM parley.account_sync WHERE account_id = t.id(name);
$$;
CREATE FUNCTION t.receipt(name text, conversation bigint, read bigint, received bigint, small_max integer DEFAULT 100)
RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM parley.change_hint;
    PERFORM api.live_receipts(ARRAY[t.id(name)], ARRAY[conversation], ARRAY[read], ARRAY[received], small_max);
    RETURN QUERY SELECT * FROM t.lines();
END
$$;
SELECT t.counter('bob') AS before, t.id('bob') AS bob \gset

SELECT results_eq(format('SELECT t.receipt(''bob'', %s, NULL, 2)', :d), format('VALUES (''r %s %s 0 2 1'')', :d, :bob), 'received is told');
SELECT is(t.markers('bob', :d), '0/2', 'and stored');
SELECT is(t.counter('bob'), :before::bigint, 'received takes no account_mod');
SELECT results_eq(format('SELECT t.receipt(''bob'', %s, 3, NULL)', :d),
    format('VALUES (''r %s %s 3 3 1''), (''a %2$s %s'')', :d, :bob, :before + 1), 'reading is told to the members and to the account');
SELECT is(t.markers('bob', :d), '3/3', 'reading implies having received');
SELECT is((SELECT read_mod FROM parley.membership WHERE conversation_id = :d AND account_id = :bob), :before::bigint + 1, 'a read marker takes an account_mod');
SELECT is_empty(format('SELECT t.receipt(''bob'', %s, 2, 1)', :d), 'going back is not told');
SELECT is(t.markers('bob', :d), '3/3', 'nor done');
SELECT results_eq(format('SELECT t.receipt(''bob'', %s, 2, 4)', :d), format('VALUES (''r %s %s 0 4 1'')', :d, :bob), 'only what moved is named');
SELECT lives_ok(format('SELECT t.receipt(''bob'', %s, 4711, NULL)', :d), 'far ahead');
SELECT is(t.markers('bob', :d), '5/5', 'is clamped to last_seq');
SELECT is_empty(format('SELECT t.receipt(''eve'', %s, 1, 1)', :d), 'a stranger has no markers');
SELECT is_empty(format('SELECT t.receipt(''eve'', 4711, 1, 1)'), 'nor has an unknown conversation');
SELECT results_eq(format('SELECT t.receipt(''bob'', %s, NULL, 1, 2)', :g), format('VALUES (''r %s %s 0 1 0'')', :g, :bob), 'a large conversation is marked as one');

-- a batch
SELECT t.counter('bob') AS bobs, t.counter('cyd') AS cyds, t.say('ada', :d) \gset
DELETE FROM parley.change_hint;
SELECT api.live_receipts(ids, ARRAY[:d, :g, :g, :g, :g], '{6,2,2,1,3}', '{NULL,NULL,NULL,3,NULL}', 100)
  FROM (SELECT t.ids('bob', 'bob', 'cyd', 'cyd', 'cyd') AS ids) x;
SELECT is(t.markers('bob', :d) || ' ' || t.markers('bob', :g) || ' ' || t.markers('cyd', :g), '6/6 2/2 3/3', 'of several the highest wins');
SELECT is(t.counter('bob') - :bobs, 2::bigint, 'each read marker takes an account_mod of its own');
SELECT is(t.counter('cyd') - :cyds, 1::bigint, 'once, however often it is said');
SELECT is((SELECT count(DISTINCT account_mod) FROM parley.membership WHERE account_id = :bob), 2::bigint, 'no two rows of an account share one');
SELECT results_eq('SELECT l FROM t.lines() l WHERE l LIKE ''a %''',
    format('VALUES (''a %s %s''), (''a %s %s'')', :bob, :bobs + 2, t.id('cyd'), :cyds + 1), 'an account is told once, of the highest');
SELECT api.groups_remove(t.token('cyd'), :g, t.id('cyd'));
SELECT t.say('ada', :g) AS seq \gset
SELECT is_empty(format('SELECT t.receipt(''cyd'', %s, %s, NULL)', :g, :seq), 'who has left reads no further');

-- what is told after ready
SELECT results_eq(format('SELECT event::jsonb FROM api.live_markers(ARRAY[t.id(''ada'')], ''{0}'', 100, 50, 1000) WHERE event LIKE ''%%"%s"%%''', :d),
    format('VALUES (%L::jsonb), (%L::jsonb)',
           format('{"type":"read","conversation":"%s","account":"%s","seq":6}', :d, :bob),
           format('{"type":"received","conversation":"%s","account":"%s","seq":6}', :d, :bob)), 'the others'' markers');
SELECT is((SELECT count(*) FROM api.live_markers(ARRAY[:bob], '{0}', 100, 50, 1000) WHERE event LIKE '%"' || :bob || '"%'), 0::bigint, 'not one''s own');
SELECT is((SELECT count(*) FROM api.live_markers(ARRAY[t.id('ada')], '{0}', 1, 50, 1000)), 0::bigint, 'none of large conversations');
SELECT is((SELECT count(DISTINCT event::jsonb ->> 'conversation') FROM api.live_markers(ARRAY[t.id('ada')], '{0}', 100, 50, 1000)), 2::bigint, 'of several conversations');
SELECT is((SELECT DISTINCT event::jsonb ->> 'conversation' FROM api.live_markers(ARRAY[t.id('ada')], '{0}', 100, 1, 1000)), :g::text, 'of the most recently active first');
SELECT is((SELECT count(*) FROM api.live_markers(ARRAY[t.id('ada')], '{0}', 100, 50, 1000) WHERE event::jsonb ->> 'account' = t.id('cyd')::text), 0::bigint, 'not of who has left');
SELECT is((SELECT count(*) FROM api.live_markers(ARRAY[t.id('eve')], '{0}', 100, 50, 1000)), 0::bigint, 'nothing for who is in nothing');
SELECT * FROM finish();
ROLLBACK;
