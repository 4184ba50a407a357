-- SPDX-License-Identifier: Apache-2.0
-- api.login_admit and api.login_register: who may register, once.
\ir ../fixture.psql
BEGIN;
SELECT plan(27);
SELECT t.person('ada');
UPDATE parley.account SET admin = true;
INSERT INTO parley.invite VALUES (1, sha256('good'), t.id('ada'), now(), clock_timestamp() + interval '1 minute'),
                                 (2, sha256('late'), t.id('ada'), now(), clock_timestamp()),
                                 (3, sha256('kind'), t.id('ada'), now(), clock_timestamp() + interval '1 minute');

-- Open
SELECT results_eq($$SELECT * FROM api.login_admit('1.2.3.4', 10, 60, false, NULL, 'bob')$$, 'VALUES (0, NULL::text)', 'admitted');
SELECT is((SELECT problem FROM api.login_admit('1.2.3.4', 10, 60, false, NULL, 'ada')), 'login_taken', 'but not by a login that is taken');
SELECT api.login_register(false, NULL, 'bob', 'Bob B', 'hash')::json -> 'account' AS account \gset
SELECT is((:'account'::json ->> 'id')::bigint, t.id('bob'), 'the answer is the account');
SELECT is(:'account'::jsonb - 'id', '{"login": "bob", "display_name": "Bob B"}', 'with its names and nothing else');
SELECT is((SELECT password_hash || must_change_password FROM parley.credential WHERE account_id = t.id('bob')), 'hashfalse', 'its credential');
SELECT is((SELECT account_mod FROM parley.account_sync WHERE account_id = t.id('bob')), 0::bigint, 'its counter');
SELECT is((SELECT admin FROM parley.account WHERE login = 'bob'), false, 'it is no administrator');
SELECT throws_ok($$SELECT api.login_register(false, NULL, 'bob', 'X', 'hash2')$$, 'PY000', 'login_taken', 'once only');
SELECT is((SELECT password_hash FROM parley.credential WHERE account_id = t.id('bob')), 'hash', 'which changes nothing');

-- By invite
SELECT is((SELECT problem FROM api.login_admit('1.2.3.4', 10, 60, true, NULL, 'cyd')), 'bad_invite', 'no invite');
SELECT is((SELECT problem FROM api.login_admit('1.2.3.4', 10, 60, true, sha256('late'), 'cyd')), 'bad_invite', 'an expired invite');
SELECT is((SELECT problem FROM api.login_admit('1.2.3.4', 10, 60, true, sha256('none'), 'ada')), 'bad_invite', 'an unknown one; it does not say that a login is taken');
SELECT is((SELECT problem FROM api.login_admit('1.2.3.4', 10, 60, true, sha256('good'), 'cyd')), NULL, 'a good one');
SELECT throws_ok($$SELECT api.login_register(true, NULL, 'cyd', 'Cyd', 'h')$$, 'PY000', 'bad_invite', 'registering without');
SELECT throws_ok($$SELECT api.login_register(true, sha256('late'), 'cyd', 'Cyd', 'h')$$, 'PY000', 'bad_invite', 'with an expired one');
SELECT throws_ok($$SELECT api.login_register(true, sha256('good'), 'ada', 'Ada', 'h')$$, 'PY000', 'login_taken', 'a refused registration');
SELECT is((SELECT used FROM parley.invite WHERE id = 1), NULL, 'uses no invite up');
SELECT lives_ok($$SELECT api.login_register(true, sha256('good'), 'cyd', 'Cyd', 'h')$$, 'registering with a good one');
SELECT is((SELECT used_by FROM parley.invite WHERE id = 1), t.id('cyd'), 'uses it up');
SELECT throws_ok($$SELECT api.login_register(true, sha256('good'), 'dan', 'Dan', 'h')$$, 'PY000', 'bad_invite', 'it serves once');
SELECT lives_ok($$SELECT api.login_register(false, sha256('none'), 'dan', 'Dan', 'h')$$, 'where none is needed, none is asked about');
SELECT lives_ok($$SELECT api.login_register(false, sha256('kind'), 'eli', 'Eli', 'h')$$, 'but a good one');
SELECT is((SELECT used_by FROM parley.invite WHERE id = 3), t.id('eli'), 'is used up there as well');

-- The throttle counts what was refused as well
SELECT is((SELECT count FROM parley.throttle WHERE kind = 'register' AND key = '1.2.3.4'), 6, 'each try counted');
SELECT is(ARRAY(SELECT (api.login_admit('1.2.3.4', 10, 60, false, NULL, 'ada')).retry_after > 0 FROM generate_series(1, 5)), '{f,f,f,f,t}', 'up to the limit');
SELECT results_eq($$SELECT retry_after BETWEEN 59 AND 60, problem FROM api.login_admit('1.2.3.4', 10, 60, false, NULL, 'ada')$$,
                  'VALUES (true, NULL::text)', 'who is throttled learns nothing else');
SELECT is((SELECT retry_after FROM api.login_admit('1.2.3.5', 10, 60, false, NULL, 'eve')), 0, 'another address counts for itself');
SELECT * FROM finish();
ROLLBACK;
