-- SPDX-License-Identifier: Apache-2.0
-- api.admin_account_password: a temporary password.
\ir ../fixture.psql
BEGIN;
SELECT plan(6);
SELECT t.person(n) FROM unnest(ARRAY['root', 'ada']) n;
UPDATE parley.account SET admin = true WHERE login = 'root';
SELECT array_agg('s ' || id) AS lines FROM parley.session WHERE account_id = t.id('ada') \gset
SELECT is(api.admin_account_password(t.token('root'), t.id('ada'), 'temporary'), NULL, 'a temporary password');
SELECT is((SELECT password_hash || must_change_password FROM parley.credential WHERE account_id = t.id('ada')), 'temporarytrue', 'is to be changed');
SELECT throws_ok($$SELECT api.login_me(t.token('ada'))$$, 'PY000', 'unauthenticated', 'all sessions have ended');
SELECT is(ARRAY(SELECT t.lines()), :'lines'::text[] || format('a %s 1', t.id('ada')), 'which is told');
SELECT throws_ok($$SELECT api.admin_account_password(t.token('root'), t.id('root'), 'h')$$, 'PY000', 'conflict', 'not for oneself');
SELECT throws_ok($$SELECT api.admin_account_password(t.token('root'), 4711, 'h')$$, 'PY000', 'not_found', 'nor for nobody');
SELECT * FROM finish();
ROLLBACK;
