-- SPDX-License-Identifier: Apache-2.0
-- There is always an active administrator: the first, the last, and the way back in.
\ir ../fixture.psql
BEGIN;
SELECT plan(23);

-- The first
SELECT throws_ok($$SELECT api.admin_rescue('h')$$, 'PY000', 'not_found', 'nobody to rescue');
SELECT api.admin_bootstrap('root', 'hash') AS root \gset
SELECT is(:root, t.id('root'), 'the first administrator');
SELECT is((SELECT admin FROM parley.account WHERE login = 'root'), true, 'is one');
SELECT is((SELECT password_hash || must_change_password FROM parley.credential), 'hashtrue', 'and must change its password');
SELECT is((SELECT action || coalesce(account_id::text, ' by the installation') FROM parley.audit), 'account_create by the installation', 'on record');
SELECT is(api.admin_bootstrap('root', 'other'), NULL, 'there is one');
SELECT is(api.admin_bootstrap('root2', 'other'), NULL, 'under whatever name');
SELECT is((SELECT password_hash FROM parley.credential), 'hash', 'nothing was done');

-- The last
UPDATE parley.credential SET must_change_password = false;
INSERT INTO parley.session VALUES (1, t.id('root'), t.token('root'), '', '', now(), now(), 86400);
SELECT throws_ok($$SELECT api.admin_account_update(t.token('root'), t.id('root'), NULL, false, NULL)$$, 'PY000', 'last_admin', 'the last cannot step down');
SELECT throws_ok($$SELECT api.admin_account_update(t.token('root'), t.id('root'), NULL, NULL, true)$$, 'PY000', 'last_admin', 'nor go');
SELECT throws_ok($$SELECT api.admin_account_update(t.token('root'), t.id('root'), 'New', false, true)$$, 'PY000', 'last_admin', 'nor both');
SELECT is((SELECT display_name FROM parley.account), 'Administrator', 'then nothing is changed');
SELECT t.person('ada') AS ada \gset
SELECT lives_ok($$SELECT api.admin_account_update(t.token('root'), t.id('ada'), NULL, true, true)$$, 'a deactivated second one');
SELECT throws_ok($$SELECT api.admin_account_update(t.token('root'), t.id('root'), NULL, false, NULL)$$, 'PY000', 'last_admin', 'does not count');
SELECT lives_ok($$SELECT api.admin_account_update(t.token('root'), t.id('ada'), NULL, NULL, false)$$, 'an active one');
SELECT lives_ok($$SELECT api.admin_account_update(t.token('root'), t.id('root'), NULL, NULL, true)$$, 'does');
SELECT throws_ok($$SELECT api.admin_accounts(t.token('root'), NULL, NULL, NULL, NULL, 5)$$, 'PY000', 'unauthenticated', 'who has gone is gone');
SELECT is(api.admin_bootstrap('root2', 'h'), NULL, 'there is one still');

-- The way back in
INSERT INTO parley.session VALUES (2, t.id('ada'), t.token('ada'), '', '', now(), now(), 86400);
SELECT is(api.admin_rescue('new'), 'ada', 'the administrator of longest standing that is active');
SELECT is((SELECT password_hash || must_change_password FROM parley.credential WHERE account_id = :ada), 'newtrue', 'gets a temporary password');
SELECT is((SELECT count(*) FROM parley.session WHERE account_id = :ada), 0::bigint, 'and logs in anew');
UPDATE parley.account SET deactivated = now();
SELECT throws_ok($$SELECT api.admin_bootstrap('ada', 'h')$$, 'PY000', 'login_taken', 'a new first one needs a login of its own');
SELECT isnt(api.admin_bootstrap('root2', 'h'), NULL, 'where no active one is left');
SELECT * FROM finish();
ROLLBACK;
