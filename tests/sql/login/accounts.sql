-- SPDX-License-Identifier: Apache-2.0
-- api.login_accounts, login_accounts_by_id, login_me_update: the directory and one's own entry in it.
\ir ../fixture.psql
BEGIN;
SELECT plan(37);
SELECT t.person(n) FROM unnest(ARRAY['dan', 'ada', 'bob.b', 'cyd_c', 'eve']) n;
UPDATE parley.account SET display_name = 'Ädä Lovelace' WHERE login = 'ada';
UPDATE parley.account SET display_name = '100% Bob \ B' WHERE login = 'bob.b';
UPDATE parley.account SET deactivated = now() WHERE login = 'eve';

-- pg_temp.find(q, after, most): the logins found, and `more`
CREATE FUNCTION pg_temp.find(q text, after bigint DEFAULT NULL, most integer DEFAULT 10) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(x ->> 'login', ' ' ORDER BY n), '') || CASE WHEN (j ->> 'more')::boolean THEN ' …' ELSE '' END
      FROM (SELECT api.login_accounts(t.token('dan'), q, after, most)::jsonb AS j) a
      LEFT JOIN LATERAL jsonb_array_elements(j -> 'accounts') WITH ORDINALITY AS e (x, n) ON true GROUP BY j;
$$;
SELECT is(pg_temp.find(NULL), 'ada bob.b cyd_c dan', 'everybody by login, without those who left');
SELECT is(pg_temp.find(''), 'ada bob.b cyd_c dan', 'an empty search is none');
SELECT is(pg_temp.find(E' \t '), 'ada bob.b cyd_c dan', 'a blank one neither');
SELECT is(pg_temp.find('ob'), 'bob.b', 'any part of a login');
SELECT is(pg_temp.find('LOVE'), 'ada', 'any part of a name, in any case');
SELECT is(pg_temp.find('äDÄ'), 'ada', 'of any letter');
SELECT is(pg_temp.find('ädä  lace '), 'ada', 'words in their order');
SELECT is(pg_temp.find('lace ädä'), '', 'and not in another');
SELECT is(pg_temp.find('_'), 'cyd_c', 'an underscore is no wildcard');
SELECT is(pg_temp.find('%'), 'bob.b', 'a percent sign neither');
SELECT is(pg_temp.find('\'), 'bob.b', 'nor is a backslash an escape');
SELECT is(pg_temp.find('eve'), '', 'who left is not found');
SELECT is(pg_temp.find(NULL, NULL, 2), 'ada bob.b …', 'a page');
SELECT is(pg_temp.find(NULL, t.id('bob.b'), 2), 'cyd_c dan', 'the next, and the last');
SELECT is(pg_temp.find(NULL, t.id('eve'), 2), '', 'one may go on after who has left meanwhile');
SELECT throws_ok($$SELECT pg_temp.find(NULL, 4711)$$, 'PY000', 'invalid', 'but not after nobody');
SELECT throws_ok('SELECT api.login_accounts(NULL, NULL, NULL, 5)', 'PY000', 'unauthenticated', 'not without a session');
SELECT is(api.login_accounts(t.token('dan'), 'love', NULL, 5)::jsonb -> 'accounts' -> 0,
          format('{"id": "%s", "login": "ada", "display_name": "Ädä Lovelace"}', t.id('ada'))::jsonb, 'an entry is id and names');

-- By id
SELECT is(api.login_accounts_by_id(t.token('dan'), t.ids('ada', 'eve', 'ada') || 4711::bigint)::jsonb,
          format('{"accounts": [{"id": "%s", "login": "ada", "display_name": "Ädä Lovelace"},
                                {"id": "%s", "login": "eve", "display_name": "Eve", "deactivated": true}]}', t.id('ada'), t.id('eve'))::jsonb,
          'by id: once, also who left, not who never was');
SELECT is(api.login_accounts_by_id(t.token('dan'), '{}'), '{"accounts":[]}', 'nobody');
SELECT throws_ok('SELECT api.login_accounts_by_id(NULL, NULL)', 'PY000', 'unauthenticated', 'not without a session');

-- One's own
SELECT is(api.login_me_update(t.token('dan'), 'Dan "D" Ö')::jsonb -> 'account' ->> 'display_name', 'Dan "D" Ö', 'a new name');
SELECT is(ARRAY(SELECT t.lines()), ARRAY[format('a %s 1', t.id('dan'))], 'is told to the account''s devices');
SELECT is((SELECT profile_mod FROM parley.account WHERE login = 'dan'), 1::bigint, 'with its place in the account');
SELECT is(pg_temp.find('"d" ö'), 'dan', 'and found');
SELECT is((SELECT kind::text || (event::jsonb -> 'account' ->> 'display_name')
             FROM api.live_account_changes(ARRAY[t.id('dan')], '{0}', 10, 100) WHERE kind = 'p'), 'pDan "D" Ö', 'a device that was away learns it too');
SELECT lives_ok($$SELECT api.login_me_update(t.token('dan'), 'Dan "D" Ö')$$, 'the same again');
SELECT lives_ok($$SELECT api.login_me_update(t.token('dan'), NULL)$$, 'or nothing');
SELECT is((SELECT count(*) FROM t.lines()), 1::bigint, 'is no change');
SELECT throws_ok($$SELECT api.login_me_update(NULL, 'X')$$, 'PY000', 'unauthenticated', 'not without a session');
SELECT throws_ok($$SELECT api.login_me(NULL)$$, 'PY000', 'unauthenticated', 'nor to read');
UPDATE parley.credential SET must_change_password = true WHERE account_id = t.id('dan');
SELECT is(api.login_me(t.token('dan'))::jsonb -> 'account' -> 'must_change_password', 'true', 'me answers while the password must be changed');
SELECT throws_ok($$SELECT pg_temp.find(NULL)$$, 'PY000', 'password_change', 'the directory does not');
SELECT throws_ok($$SELECT api.login_accounts_by_id(t.token('dan'), '{}')$$, 'PY000', 'password_change', 'by id neither');

-- The index
INSERT INTO parley.account (id, login, display_name, created)
    SELECT i, 'user' || i, md5(i::text), now() FROM generate_series(1, 20000) i;
SELECT gin_clean_pending_list('parley.account_directory') \g /dev/null
ANALYZE parley.account;
CREATE FUNCTION pg_temp.plan(q text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE line text; plan text := '';
BEGIN
    FOR line IN EXECUTE format('EXPLAIN SELECT login FROM parley.account a WHERE lower(a.login || '' '' || a.display_name) '
        'LIKE parley._search_pattern(%L) AND a.login > '''' AND a.deactivated IS NULL ORDER BY a.login LIMIT 51', q) LOOP
        plan := plan || line;
    END LOOP;
    RETURN plan;
END
$$;
SELECT alike(pg_temp.plan('user1234'), '%account_directory%', 'a search is served by the index of names');
SELECT alike(pg_temp.plan(NULL), '%account_login_key%', 'the whole directory by that of logins');
UPDATE parley.credential SET must_change_password = false;
SELECT pg_stat_get_xact_numscans('parley.account_directory'::regclass) AS before \gset
SELECT pg_temp.find('user1234') FROM generate_series(1, 20) \g /dev/null
SELECT is(pg_stat_get_xact_numscans('parley.account_directory'::regclass) - :before, 20::bigint, 'also in a connection that has searched before');
SELECT * FROM finish();
ROLLBACK;
