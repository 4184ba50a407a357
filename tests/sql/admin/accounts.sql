-- SPDX-License-Identifier: Apache-2.0
-- api.admin_accounts, admin_account, admin_account_create, admin_account_update: what administrators do to accounts.
\ir ../fixture.psql
BEGIN;
SELECT plan(63);
SELECT t.person(n) FROM unnest(ARRAY['root', 'ada', 'bob']) n;
UPDATE parley.account SET admin = true WHERE login = 'root';
CREATE FUNCTION pg_temp.last() RETURNS text LANGUAGE sql AS $$
    SELECT action || coalesce(' ' || (SELECT login FROM parley.account a WHERE a.id::text = subject), '') || coalesce(' ' || detail::text, '')
           || CASE WHEN account_id = t.id('root') THEN '' ELSE ' by another' END
      FROM parley.audit ORDER BY id DESC LIMIT 1;
$$;
CREATE FUNCTION pg_temp.told() RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    lines text[] := ARRAY(SELECT t.lines());
BEGIN
    DELETE FROM parley.change_hint;
    RETURN lines;
END
$$;

-- Nobody else does any of it
PREPARE asking AS
    SELECT format('SELECT api.%s', f) AS call
      FROM unnest(ARRAY['admin_accounts($1, NULL, NULL, NULL, NULL, 5)', 'admin_account($1, 1)', 'admin_account_create($1, ''x'', ''X'', ''h'', false)',
                        'admin_account_update($1, 1, NULL, NULL, true)', 'admin_account_password($1, 1, ''h'')', 'admin_invite_create($1, sha256(''''), 7)',
                        'admin_invites($1, NULL, 5)', 'admin_invite_delete($1, 1)', 'admin_relays($1)', 'admin_audit($1, NULL, 5)']) f;
CREATE TEMPORARY TABLE calls AS EXECUTE asking;
SELECT throws_ok(replace(call, '$1', 't.token(''ada'')'), 'PY000', 'forbidden', 'not an administrator: ' || call) FROM calls;
SELECT throws_ok(replace(call, '$1', 'NULL'), 'PY000', 'unauthenticated', 'nobody: ' || call) FROM calls;
UPDATE parley.credential SET must_change_password = true WHERE account_id = t.id('root');
SELECT throws_ok(replace(call, '$1', 't.token(''root'')'), 'PY000', 'password_change', 'a temporary password: ' || call) FROM calls;
UPDATE parley.credential SET must_change_password = false WHERE account_id = t.id('root');
SELECT is((SELECT count(*) FROM parley.audit), 0::bigint, 'none of which is on record');

-- Make
SELECT api.admin_account_create(t.token('root'), 'cyd', 'Cyd C', 'temporary', false)::jsonb -> 'account' AS cyd \gset
SELECT is(:'cyd'::jsonb - '{id,created}'::text[], '{"login": "cyd", "display_name": "Cyd C", "admin": false, "deactivated": false, "deactivated_time": null,
          "must_change_password": true, "last_seen": null, "sessions": 0}', 'an account is made, its password temporary');
SELECT is(pg_temp.last(), 'account_create cyd {"admin": false, "login": "cyd"}', 'on record');
SELECT throws_ok($$SELECT api.admin_account_create(t.token('root'), 'cyd', 'X', 'h', true)$$, 'PY000', 'login_taken', 'once');
SELECT is(api.admin_account_create(t.token('root'), 'dan', 'Dan', 'h', true)::jsonb -> 'account' -> 'admin', 'true', 'also an administrator');

-- Look
SELECT is(api.admin_account(t.token('root'), t.id('ada'))::jsonb -> 'account' -> 'sessions', '1', 'one account');
SELECT is((api.admin_account(t.token('root'), t.id('ada'))::jsonb -> 'account' ->> 'last_seen')::timestamptz, (SELECT last_seen FROM parley.session WHERE account_id = t.id('ada')), 'last seen by its session');
SELECT throws_ok($$SELECT api.admin_account(t.token('root'), 4711)$$, 'PY000', 'not_found', 'one that is not there');
UPDATE parley.account SET deactivated = now() WHERE login = 'bob';
CREATE FUNCTION pg_temp.list(q text, state text, admins boolean, after text DEFAULT NULL, most integer DEFAULT 10) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(x ->> 'login', ' ' ORDER BY n), '') || CASE WHEN (j ->> 'more')::boolean THEN ' …' ELSE '' END || ' of ' || (j ->> 'total')
      FROM (SELECT api.admin_accounts(t.token('root'), q, state, admins, t.id(after), most)::jsonb AS j) a
      LEFT JOIN LATERAL jsonb_array_elements(j -> 'accounts') WITH ORDINALITY AS e (x, n) ON true GROUP BY j;
$$;
SELECT is(pg_temp.list(NULL, NULL, NULL), 'ada bob cyd dan root of 5', 'all');
SELECT is(pg_temp.list(NULL, 'active', NULL), 'ada cyd dan root of 4', 'the active');
SELECT is(pg_temp.list(NULL, 'deactivated', NULL), 'bob of 1', 'the deactivated');
SELECT is(pg_temp.list(NULL, NULL, true), 'dan root of 2', 'administrators');
SELECT is(pg_temp.list('D', 'active', false), 'ada cyd of 2', 'others, by a part of the name');
SELECT is(pg_temp.list(NULL, NULL, NULL, NULL, 2), 'ada bob … of 5', 'a page');
SELECT is(pg_temp.list(NULL, NULL, NULL, 'dan', 2), 'root of 5', 'the last one');
UPDATE parley.account SET deactivated = NULL WHERE login = 'bob';

-- Rename, grant
SELECT pg_temp.told() \g /dev/null
SELECT is(api.admin_account_update(t.token('root'), t.id('ada'), 'Ada L', NULL, NULL)::jsonb -> 'account' ->> 'display_name', 'Ada L', 'a new name');
SELECT is(pg_temp.last(), 'account_rename ada {"to": "Ada L", "from": "Ada"}', 'on record');
SELECT is(pg_temp.told(), ARRAY[format('a %s 1', t.id('ada'))], 'and told');
SELECT is(api.admin_account_update(t.token('root'), t.id('ada'), NULL, true, NULL)::jsonb -> 'account' ->> 'admin', 'true', 'administration is granted');
SELECT is(pg_temp.last(), 'admin_grant ada', 'on record');
SELECT is(pg_temp.told(), ARRAY[format('a %s 2', t.id('ada'))], 'and told, without an end to anything');
SELECT lives_ok($$SELECT api.admin_account_update(t.token('root'), t.id('ada'), 'Ada L', true, false)$$, 'what is so already');
SELECT is(pg_temp.told(), '{}', 'is nothing to tell');
SELECT throws_ok($$SELECT api.admin_account_update(t.token('root'), 4711, 'X', NULL, NULL)$$, 'PY000', 'not_found', 'an account that is not there');

-- Withdraw: rights shrink
SELECT is(api.admin_account_update(t.token('root'), t.id('ada'), NULL, false, NULL)::jsonb -> 'account' ->> 'admin', 'false', 'administration is withdrawn');
SELECT is(pg_temp.told(), ARRAY[format('s %s', (SELECT id FROM parley.session WHERE account_id = t.id('ada'))), format('a %s 3', t.id('ada'))],
          'its live connections end');
SELECT throws_ok($$SELECT api.admin_relays(t.token('ada'))$$, 'PY000', 'forbidden', 'its session stays, with less to do');

-- Deactivate
SELECT is(api.admin_account_update(t.token('root'), t.id('ada'), NULL, NULL, true)::jsonb -> 'account' ->> 'deactivated', 'true', 'deactivated');
SELECT throws_ok($$SELECT api.login_me(t.token('ada'))$$, 'PY000', 'unauthenticated', 'its sessions have ended');
SELECT is(array_length(pg_temp.told(), 1), 2, 'which is told');
SELECT is(api.admin_account_update(t.token('root'), t.id('ada'), NULL, NULL, false)::jsonb -> 'account' -> 'deactivated_time', 'null', 'and back');
SELECT is(pg_temp.last(), 'account_reactivate ada', 'on record');
SELECT is((SELECT count(*) FROM parley.session WHERE account_id = t.id('ada')), 0::bigint, 'it logs in anew');
SELECT * FROM finish();
ROLLBACK;
