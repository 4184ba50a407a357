-- SPDX-License-Identifier: Apache-2.0
-- api.login_password_begin and api.login_password: a change of password ends every other session.
\ir ../fixture.psql
BEGIN;
SELECT plan(20);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob']) n;
INSERT INTO parley.session SELECT parley._id(), t.id('ada'), t.token('ada ' || i), '', '', now(), now(), 86400 FROM generate_series(1, 2) i;

SELECT results_eq($$SELECT * FROM api.login_password_begin(t.token('ada'), NULL, NULL)$$, $$VALUES (0, 'no password', false)$$, 'what to compare with');
SELECT throws_ok($$SELECT * FROM api.login_password_begin(NULL, NULL, NULL)$$, 'PY000', 'unauthenticated', 'not without a session');
SELECT is(ARRAY(SELECT (api.login_password_begin(t.token('ada'), 2, 60)).retry_after > 0 FROM generate_series(1, 3)), '{f,f,t}', 'tries are throttled');
SELECT is((SELECT password_hash FROM api.login_password_begin(t.token('ada'), 2, 60)), NULL, 'then without a hash');
SELECT is((SELECT retry_after > 0 FROM api.login_password_begin(t.token('ada 1'), 2, 60)), true, 'for all devices of the account');
SELECT is((SELECT retry_after FROM api.login_password_begin(t.token('bob'), 2, 60)), 0, 'not for others');

SELECT throws_ok($$SELECT api.login_password(NULL, 'no password', 'new')$$, 'PY000', 'unauthenticated', 'no change without a session');
SELECT throws_ok($$SELECT api.login_password(t.token('ada'), 'other', 'new')$$, 'PY000', 'wrong_password', 'nor when the password is another by now');
SELECT is((SELECT count(*) FROM parley.session WHERE account_id = t.id('ada')), 3::bigint, 'which ends nothing');
SELECT array_agg('s ' || id ORDER BY id) AS lines FROM parley.session WHERE token_hash IN (t.token('ada 1'), t.token('ada 2')) \gset
SELECT is(api.login_password(t.token('ada'), 'no password', 'new'), NULL, 'a change');
SELECT is((SELECT password_hash FROM parley.credential WHERE account_id = t.id('ada')), 'new', 'is kept');
SELECT results_eq($$SELECT token_hash FROM parley.session WHERE account_id = t.id('ada')$$, $$VALUES (t.token('ada'))$$, 'every other session has ended');
SELECT is(ARRAY(SELECT t.lines()), :'lines'::text[], 'of which the relays are told');
SELECT lives_ok($$SELECT api.login_me(t.token('bob'))$$, 'other accounts go on');

-- A temporary one
UPDATE parley.credential SET must_change_password = true WHERE account_id = t.id('bob');
SELECT is((SELECT must_change FROM api.login_password_begin(t.token('bob'), NULL, NULL)), true, 'a temporary password says so');
SELECT throws_ok($$SELECT api.login_sessions(t.token('bob'))$$, 'PY000', 'password_change', 'and opens nothing else');
SELECT lives_ok($$SELECT api.login_password(t.token('bob'), 'no password', 'own')$$, 'but its change');
SELECT lives_ok($$SELECT api.login_sessions(t.token('bob'))$$, 'after which all is open');
SELECT is((SELECT l FROM t.lines() l WHERE l LIKE 'a %'), format('a %s 1', t.id('bob')), 'and the other devices learn that');
SELECT is((SELECT profile_mod FROM parley.account WHERE login = 'bob'), 1::bigint, 'as a change of the profile');
SELECT * FROM finish();
ROLLBACK;
