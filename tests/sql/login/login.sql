-- SPDX-License-Identifier: Apache-2.0
-- api.login_begin and api.login_finish: a login in two halves.
\ir ../fixture.psql
BEGIN;
SELECT plan(35);
SELECT parley._account_create('ada', 'Ada', 'right', false, false), parley._account_create('bob', 'Bob', 'hash', true, true);

-- What to compare with
SELECT results_eq($$SELECT * FROM api.login_begin('ada', '1.2.3.4', NULL, NULL, NULL, NULL)$$,
                  format('VALUES (0, %s::bigint, ''right'')', t.id('ada')), 'a login has a hash');
SELECT results_eq($$SELECT * FROM api.login_begin('eve', '1.2.3.4', NULL, NULL, NULL, NULL)$$, 'VALUES (0, NULL::bigint, NULL::text)', 'an unknown one has none');
SELECT results_eq($$SELECT * FROM api.login_begin(NULL, '1.2.3.4', NULL, NULL, NULL, NULL)$$, 'VALUES (0, NULL::bigint, NULL::text)', 'nor has what cannot be one');
UPDATE parley.account SET deactivated = now() WHERE login = 'ada';
SELECT results_eq($$SELECT * FROM api.login_begin('ada', '1.2.3.4', NULL, NULL, NULL, NULL)$$, 'VALUES (0, NULL::bigint, NULL::text)', 'a deactivated account looks like an unknown one');
UPDATE parley.account SET deactivated = NULL WHERE login = 'ada';

-- Throttles by login, whether it exists or not
SELECT is(ARRAY(SELECT (api.login_begin('ada', '1.2.3.4', 3, 60, NULL, NULL)).retry_after > 0 FROM generate_series(1, 4)), '{f,f,f,t}', 'a login is throttled');
SELECT is(ARRAY(SELECT (api.login_begin('eve', '1.2.3.4', 3, 60, NULL, NULL)).retry_after > 0 FROM generate_series(1, 4)), '{f,f,f,t}', 'an unknown one likewise');
SELECT results_eq($$SELECT account_id, password_hash FROM api.login_begin('ada', '9.9.9.9', 3, 60, NULL, NULL)$$, 'VALUES (NULL::bigint, NULL::text)', 'from any address, without a hash');
SELECT is((SELECT retry_after FROM api.login_begin('bob', '1.2.3.4', 3, 60, NULL, NULL)), 0, 'other logins are not');
-- and by address
SELECT is(ARRAY(SELECT (api.login_begin('who' || i, '5.6.7.8', NULL, NULL, 3, 60)).retry_after > 0 FROM generate_series(1, 4) i), '{f,f,f,t}', 'an address is throttled');
SELECT is((SELECT retry_after > 0 FROM api.login_begin(NULL, '5.6.7.8', NULL, NULL, 3, 60)), true, 'whatever it sends');
SELECT is((SELECT retry_after FROM api.login_begin('bob', '5.6.7.9', NULL, NULL, 3, 60)), 0, 'other addresses are not');
SELECT is((SELECT retry_after > 30 FROM api.login_begin('ada', '5.6.7.8', 3, 60, 3, 60)), true, 'the longer wait counts');

-- A session
CREATE FUNCTION pg_temp.enter(name text, checked text, token text, most integer DEFAULT 50, rehashed text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
    SELECT api.login_finish(t.id(name), checked, rehashed, t.token(token), 'Firefox on Linux', '1.2.3.4', 86400, most)::jsonb;
$$;
SELECT throws_ok($$SELECT pg_temp.enter('ada', 'other', 'one')$$, 'PY000', 'bad_login', 'a password that was changed meanwhile opens nothing');
SELECT pg_temp.enter('ada', 'right', 'one') AS answer \gset
SELECT is(:'answer'::jsonb -> 'account', format('{"id": "%s", "login": "ada", "display_name": "Ada"}', t.id('ada'))::jsonb, 'the answer is the account');
SELECT is((:'answer'::jsonb -> 'session' ->> 'id')::bigint, (SELECT id FROM parley.session), 'and the session');
SELECT is((:'answer'::jsonb -> 'session' ->> 'expires')::timestamptz, (SELECT created + interval '1 day' FROM parley.session), 'and when it ends unless it is used');
SELECT results_eq('SELECT account_id, token_hash, device, address, created = last_seen FROM parley.session',
                  format('VALUES (%s::bigint, t.token(''one''), ''Firefox on Linux'', ''1.2.3.4'', true)', t.id('ada')), 'which is kept with its device');
SELECT is((api.login_me(t.token('one'))::jsonb -> 'account' ->> 'id')::bigint, t.id('ada'), 'and serves');
SELECT is((pg_temp.enter('bob', 'hash', 'two') -> 'account') - 'id',
          '{"login": "bob", "display_name": "Bob", "admin": true, "must_change_password": true}', 'what an account must and may is said');
UPDATE parley.account SET deactivated = now() WHERE login = 'bob';
SELECT throws_ok($$SELECT pg_temp.enter('bob', 'hash', 'three')$$, 'PY000', 'bad_login', 'an account deactivated meanwhile opens nothing');
UPDATE parley.account SET deactivated = NULL WHERE login = 'bob';

-- Hashes made with other parameters are made anew
SELECT lives_ok($$SELECT pg_temp.enter('ada', 'right', 'four', 50, 'again')$$, 'a login that hashes again');
SELECT is((SELECT password_hash FROM parley.credential WHERE account_id = t.id('ada')), 'again', 'keeps the new hash');
SELECT throws_ok($$SELECT pg_temp.enter('ada', 'right', 'five')$$, 'PY000', 'bad_login', 'the old one does not count any more');

-- At most so many: the longest unused end
UPDATE parley.session SET last_seen = now() - interval '1 hour', created = now() - interval '2 hours' WHERE token_hash = t.token('four');
UPDATE parley.session SET last_seen = now() - interval '30 minutes', created = now() - interval '3 hours' WHERE token_hash = t.token('one');
SELECT count(*) AS before FROM t.lines() \gset
SELECT id AS four FROM parley.session WHERE token_hash = t.token('four') \gset
SELECT lives_ok($$SELECT pg_temp.enter('ada', 'again', 'six', 3)$$, 'the last one that has room');
SELECT is((SELECT count(*) FROM parley.session WHERE account_id = t.id('ada')), 3::bigint, 'three of three');
SELECT lives_ok($$SELECT pg_temp.enter('ada', 'again', 'seven', 3)$$, 'one more');
SELECT is((SELECT count(*) FROM parley.session WHERE account_id = t.id('ada')), 3::bigint, 'still three');
SELECT is((SELECT count(*) FROM parley.session WHERE id = :four), 0::bigint, 'without the longest unused, which was not the oldest');
SELECT results_eq(format('SELECT t.lines() OFFSET %s', :before), format('VALUES (%L)', 's ' || :four), 'of which the relays are told');
SELECT lives_ok($$SELECT pg_temp.enter('ada', 'again', 'eight', 1)$$, 'a limit that was lowered');
SELECT results_eq($$SELECT token_hash FROM parley.session WHERE account_id = t.id('ada')$$, $$VALUES (t.token('eight'))$$, 'is reached at once');
SELECT is((SELECT count(*) FROM parley.session WHERE account_id = t.id('bob')), 1::bigint, 'other accounts are not touched');

-- Those whose time is over go first
UPDATE parley.session SET last_seen = now() - interval '2 days' WHERE account_id = t.id('ada');
SELECT lives_ok($$SELECT pg_temp.enter('ada', 'again', 'nine')$$, 'a login');
SELECT results_eq($$SELECT token_hash FROM parley.session WHERE account_id = t.id('ada')$$, $$VALUES (t.token('nine'))$$, 'clears sessions away whose time is over');
SELECT throws_ok($$SELECT pg_temp.enter('eve', 'again', 'ten')$$, 'PY000', 'bad_login', 'nobody opens nothing');
SELECT * FROM finish();
ROLLBACK;
