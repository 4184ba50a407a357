-- SPDX-License-Identifier: Apache-2.0
-- api.live_changes, api.live_account_changes, api.live_hello: catching up, page by page.
\ir ../fixture.psql
BEGIN;
SELECT plan(36);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob', 'cyd', 'eve']) n;
SELECT t.direct('ada', 'bob') AS d, t.group('ada', 'bob', 'cyd') AS g, t.id('ada') AS ada, t.id('bob') AS bob \gset
SELECT t.say('ada', :g, 'one') + t.say('bob', :g, 'two') + t.say('ada', :g, 'three') AS x, t.mod(:g) AS m \gset

-- rows of one conversation
SELECT results_eq(format('SELECT kind::text, mod FROM api.live_changes(NULL, ARRAY[%s], ARRAY[%s], 100, 100000, 100)', :g, :m - 2),
    format('VALUES (''m'', %s::bigint), (''m'', %s), (''e'', %2$s)', :m - 1, :m), 'what came after a mod, then the end');
SELECT is((SELECT array_agg(kind::text ORDER BY mod) FROM api.live_changes(NULL, ARRAY[:g], '{0}', 100, 100000, 100)),
          '{c,u,u,u,m,m,m,e}', 'from 0 on: conversation, members, messages');
SELECT is((SELECT count(DISTINCT mod) FROM api.live_changes(NULL, ARRAY[:g], '{0}', 100, 100000, 100) WHERE kind <> 'e'), 7::bigint, 'no two rows share a mod');
SELECT t.do('bob', 'edit', :g, 'two!', 2);
SELECT results_eq(format('SELECT event::jsonb ->> ''body'', mod FROM api.live_changes(NULL, ARRAY[%s], ARRAY[%s], 100, 100000, 100) WHERE kind = ''m''', :g, :m - 3),
    format('VALUES (''one'', %s::bigint), (''three'', %s), (''two!'', %s)', :m - 2, :m, :m + 1), 'a row changed since comes once, at its latest mod');
SELECT is((SELECT event::jsonb ? 'ref' FROM api.live_changes(:ada, ARRAY[:g], ARRAY[:m::bigint - 1], 100, 100000, 100) WHERE mod = :m), true, 'the reader sees its own ref in its page');
SELECT is((SELECT event::jsonb ? 'ref' FROM api.live_changes(:bob, ARRAY[:g], ARRAY[:m::bigint - 1], 100, 100000, 100) WHERE mod = :m), false, 'not that of others');
SELECT is((SELECT event::jsonb ? 'ref' OR ref IS NULL FROM api.live_changes(NULL, ARRAY[:g], ARRAY[:m::bigint - 1], 100, 100000, 100) WHERE mod = :m), false, 'the hub gets it beside the event');

-- bounds
SELECT is((SELECT array_agg(kind::text ORDER BY mod) FROM api.live_changes(NULL, ARRAY[:g], '{0}', 3, 100000, 100)), '{c,u,u}', 'a page of three has no end');
SELECT is((SELECT array_agg(kind::text ORDER BY mod) FROM api.live_changes(NULL, ARRAY[:g], '{0}', 100, 1, 100)), '{c}', 'at least one row comes');
SELECT is((SELECT array_agg(place || kind::text ORDER BY place, mod, kind) FROM api.live_changes(:ada, ARRAY[:g, :d], ARRAY[:m::bigint, 0], 2, 100000, 100)),
          '{1e,1m,2c}', 'the page goes on into the next conversation');
SELECT is((SELECT array_agg(kind::text) FROM api.live_changes(:ada, ARRAY[:g], ARRAY[t.mod(:g)], 100, 100000, 100)), '{e}', 'nothing new');
SELECT is((SELECT kind::text FROM api.live_changes(:ada, ARRAY[:g], ARRAY[t.mod(:g) + 1], 100, 100000, 100)), 'r', 'a mod above the database''s');
SELECT is((SELECT kind::text || (event::jsonb ->> 'type') FROM api.live_changes(t.id('eve'), ARRAY[:g], '{0}', 100, 100000, 100)), 'xleft', 'who is not in it');
SELECT is((SELECT kind::text || (event::jsonb ->> 'type') FROM api.live_changes(t.id('eve'), '{4711}', '{0}', 100, 100000, 100)), 'xleft', 'nor in what does not exist');
SELECT is((SELECT small FROM api.live_changes(:ada, ARRAY[:g], ARRAY[t.mod(:g)], 100, 100000, 2)), false, 'small as the relay defines it');

-- a removal
SELECT t.mod(:g) AS m, api.groups_remove(t.token('ada'), :g, :bob) \gset
SELECT is((SELECT array_agg(kind::text ORDER BY mod) FROM api.live_changes(NULL, ARRAY[:g], ARRAY[:m::bigint], 100, 100000, 100)), '{l,m,c,e}', 'left comes before the message about it');
SELECT is((SELECT event::jsonb FROM api.live_changes(:bob, ARRAY[:g], ARRAY[:m::bigint], 100, 100000, 100)),
          jsonb_build_object('type', 'left', 'conversation', :g::text, 'account', :bob::text, 'mod', :m::bigint + 1), 'and is all that the removed one hears');
UPDATE parley.conversation SET first_seq = 3 WHERE id = :g;
SELECT is((SELECT min((event::jsonb ->> 'seq')::int) FROM api.live_changes(NULL, ARRAY[:g], '{0}', 100, 100000, 100) WHERE kind = 'm'), 3, 'nothing below first_seq');
UPDATE parley.conversation SET deleted = now() WHERE id = :g;
SELECT is((SELECT array_agg(kind::text) FROM api.live_changes(:ada, ARRAY[:g], '{0}', 100, 100000, 100)), '{x}', 'a deleted group is nobody''s');
UPDATE parley.conversation SET deleted = NULL WHERE id = :g;

-- an account
SELECT (SELECT account_mod FROM parley.account_sync WHERE account_id = :bob) AS am \gset
SELECT is((SELECT array_agg(kind::text || account_mod ORDER BY account_mod, kind) FROM api.live_account_changes(ARRAY[:bob], '{0}', 100, 100)),
          ARRAY['+1', '-' || :am, 'e' || :am], 'joined, left');
SELECT is((SELECT (event::jsonb -> 'conversation' ->> 'peer', event::jsonb -> 'conversation' ->> 'my_role', event::jsonb ->> 'account_mod')::text
             FROM api.live_account_changes(ARRAY[:bob], '{0}', 100, 100) WHERE kind = '+'), format('(%s,member,1)', :ada), 'joined comes with the whole row');
SELECT is((SELECT mod FROM api.live_account_changes(ARRAY[:bob], '{0}', 100, 100) WHERE kind = '+'), t.mod(:d), 'and its counter');
SELECT api.groups_settings(t.token('bob'), :d, 'none', true, '2030-01-01T00:00:00Z', NULL, true, 'unsent');
SELECT t.say('ada', :d), t.read('bob', :d, 1);
SELECT is((SELECT array_agg(kind::text ORDER BY account_mod, kind) FROM api.live_account_changes(ARRAY[:bob], ARRAY[:am::bigint], 100, 100)), '{s,d,e,r}', 'settings, draft, read marker, in order');
SELECT is((SELECT array_agg(kind::text ORDER BY account_mod, kind) FROM api.live_account_changes(ARRAY[:bob], ARRAY[:am::bigint], 2, 100)), '{s,d}', 'in pages');
SELECT is((SELECT event::jsonb -> 'conversation' ->> 'notify' FROM api.live_account_changes(ARRAY[:bob], ARRAY[:am::bigint], 100, 100) WHERE kind = 's'), 'none', 'settings say what they are');
SELECT is((SELECT event::jsonb ->> 'text' FROM api.live_account_changes(ARRAY[:bob], ARRAY[:am::bigint], 100, 100) WHERE kind = 'd'), 'unsent', 'the draft too');
SELECT is((SELECT event::jsonb - 'account_mod' FROM api.live_account_changes(ARRAY[:bob], ARRAY[:am::bigint], 100, 100) WHERE kind = 'r'),
          jsonb_build_object('type', 'read', 'conversation', :d::text, 'account', :bob::text, 'seq', 1, 'unread', 0, 'mentions', 0), 'the read marker says what is left');
SELECT is((SELECT kind::text FROM api.live_account_changes(ARRAY[:bob], '{999}', 100, 100)), 'x', 'an account_mod above the database''s');
SELECT is((SELECT array_agg(place || kind::text ORDER BY place) FROM api.live_account_changes(ARRAY[:bob, 4711, :ada], '{100,0,100}', 100, 100)), '{1x,2x,3x}', 'several at once, unknown ones too');
SELECT api.groups_add(t.token('ada'), :g, ARRAY[:bob], NULL);
SELECT is((SELECT array_agg(kind::text ORDER BY account_mod, kind) FROM api.live_account_changes(ARRAY[:bob], ARRAY[:am::bigint], 100, 100)), '{s,d,r,+,e}', 'coming back is joining');

-- hello
SELECT results_eq($$SELECT item, account_id, must_change FROM api.live_hello(ARRAY[t.token('nobody'), t.token('bob'), t.token('ada')])$$,
    format('VALUES (2::bigint, %s::bigint, false), (3, %s, false)', :bob, :ada), 'hello says who, in the order asked; a bad token has no row');
SELECT is((SELECT conversations FROM api.live_hello(ARRAY[t.token('bob')])), (SELECT array_agg(x ORDER BY x) FROM unnest(ARRAY[:d, :g]) x), 'and where');
SELECT is((SELECT mods FROM api.live_hello(ARRAY[t.token('bob')])), (SELECT array_agg(t.mod(x) ORDER BY x) FROM unnest(ARRAY[:d, :g]) x), 'and how far');
UPDATE parley.session SET last_seen = now() - interval '1 hour' WHERE account_id IN (:ada, :bob);
UPDATE parley.session SET idle_seconds = 60 WHERE account_id = :ada;
SELECT is((SELECT array_agg(account_id) FROM api.live_hello(ARRAY[t.token('ada'), t.token('bob')])), ARRAY[:bob]::bigint[], 'an expired session has no hello');
SELECT is((SELECT array_agg(account_id) FROM parley.session WHERE last_seen > now() - interval '1 minute' AND account_id IN (:ada, :bob)),
          ARRAY[:bob]::bigint[], 'a live one was seen, an expired one stays as it is');
UPDATE parley.account SET deactivated = now() WHERE id = :bob;
SELECT is_empty($$SELECT * FROM api.live_hello(ARRAY[t.token('bob')])$$, 'nor has a deactivated account');
SELECT * FROM finish();
ROLLBACK;
