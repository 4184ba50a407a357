-- SPDX-License-Identifier: Apache-2.0
-- parley._session: who calls, how long a login session lives, and what its end tells.
\ir ../fixture.psql
BEGIN;
SELECT plan(24);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob']) n;
SELECT id AS session FROM parley.session WHERE token_hash = t.token('ada') \gset
PREPARE who AS SELECT * FROM parley._session(t.token('ada'));

SELECT results_eq('SELECT account_id, session_id, admin FROM parley._session(t.token(''ada''))',
                  format('VALUES (%s::bigint, %s::bigint, false)', t.id('ada'), :session), 'a token names its session and account');
SELECT throws_ok('SELECT parley._session(NULL::bytea)', 'PY000', 'unauthenticated', 'no token');
SELECT throws_ok('SELECT parley._session(t.token(''eve''))', 'PY000', 'unauthenticated', 'an unknown token');

-- last_seen
SELECT is((SELECT stale FROM parley._session_find(t.token('ada'))), false, 'fresh');
SELECT last_seen AS before FROM parley.session WHERE id = :session \gset
EXECUTE who \g /dev/null
SELECT is((SELECT last_seen FROM parley.session WHERE id = :session), :'before', 'last_seen is not written within five minutes');
UPDATE parley.session SET last_seen = now() - interval '6 minutes' WHERE id = :session;
EXECUTE who \g /dev/null
SELECT ok((SELECT last_seen FROM parley.session WHERE id = :session) >= :'before', 'but after them');

-- Ends: unused, or a year old
UPDATE parley.session SET last_seen = clock_timestamp() - interval '86399 seconds' WHERE id = :session;
SELECT lives_ok('who', 'used again just in time');
UPDATE parley.session SET last_seen = clock_timestamp() - interval '86401 seconds' WHERE id = :session;
SELECT throws_ok('who', 'PY000', 'unauthenticated', 'unused for too long');
UPDATE parley.session SET last_seen = clock_timestamp(), created = clock_timestamp() - interval '1 year 1 second' WHERE id = :session;
SELECT throws_ok('who', 'PY000', 'unauthenticated', 'a year old, however much it was used');
SELECT is((SELECT parley._session_expires(s) < clock_timestamp() FROM parley.session s WHERE id = :session), true, 'and says so');
UPDATE parley.session SET created = clock_timestamp() WHERE id = :session;
SELECT is((SELECT parley._session_expires(s) FROM parley.session s WHERE id = :session),
          (SELECT last_seen + interval '1 day' FROM parley.session WHERE id = :session), 'else it expires by its last use');

-- The account's state
UPDATE parley.account SET deactivated = now() WHERE login = 'ada';
SELECT throws_ok('who', 'PY000', 'unauthenticated', 'a deactivated account');
UPDATE parley.account SET deactivated = NULL WHERE login = 'ada';
UPDATE parley.credential SET must_change_password = true WHERE account_id = t.id('ada');
SELECT throws_ok('who', 'PY000', 'password_change', 'a temporary password must be changed first');
SELECT lives_ok('SELECT parley._session(t.token(''ada''), true)', 'which some calls allow');
SELECT is((SELECT must_change_password FROM api.common_session(t.token('ada'))), true, 'common_session says it');
SELECT is((SELECT account FROM api.common_session(t.token('bob'))), t.id('bob'), 'and who it is');
SELECT throws_ok('SELECT * FROM api.common_session(NULL)', 'PY000', 'unauthenticated', 'common_session, without a token');
SELECT throws_ok('SELECT parley._admin(t.token(''bob''))', 'PY000', 'forbidden', '_admin refuses who is none');
UPDATE parley.account SET admin = true WHERE login = 'bob';
SELECT is(parley._admin(t.token('bob')), t.id('bob'), 'and names who is');

-- The end
SELECT lives_ok('SELECT parley._session_end(NULL)', 'ending nothing is fine');
SELECT parley._session_end(ARRAY[:session, 4711]);
SELECT is((SELECT count(*) FROM parley.session WHERE id = :session), 0::bigint, 'an ended session is gone');
SELECT results_eq('SELECT t.lines()', format('VALUES (%L)', 's ' || :session), 'and the relays are told of it, and of nothing else');
INSERT INTO parley.session SELECT parley._id(), t.id('bob'), t.token('bob' || i), '', '', now(), now(), 60 FROM generate_series(1, 3) i;
SELECT parley._session_end_all(t.id('bob'), (SELECT id FROM parley.session WHERE token_hash = t.token('bob')));
SELECT results_eq('SELECT token_hash FROM parley.session', 'VALUES (t.token(''bob''))', 'all but one');
SELECT is((SELECT count(*) FROM t.lines()), 4::bigint, 'each with its line');
SELECT * FROM finish();
ROLLBACK;
