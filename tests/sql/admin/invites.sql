-- SPDX-License-Identifier: Apache-2.0
-- api.admin_invite_create, admin_invites, admin_invite_delete: single-use invitations.
\ir ../fixture.psql
BEGIN;
SELECT plan(14);
SELECT t.person(n) FROM unnest(ARRAY['root', 'ada']) n;
UPDATE parley.account SET admin = true WHERE login = 'root';
SELECT api.admin_invite_create(t.token('root'), sha256('one'), 7)::jsonb -> 'invite' AS one \gset
SELECT is((:'one'::jsonb ->> 'expires')::timestamptz - (:'one'::jsonb ->> 'created')::timestamptz, '7 days', 'an invite lasts so many days');
SELECT is(:'one'::jsonb - '{id,created,expires}'::text[], format('{"state": "open", "created_by": "%s"}', t.id('root'))::jsonb, 'it is open');
SELECT api.login_register(true, sha256('one'), 'bob', 'Bob', 'h') \g /dev/null
SELECT api.admin_invite_create(t.token('root'), sha256('two'), 1)::jsonb -> 'invite' ->> 'id' AS two \gset
SELECT api.admin_invite_create(t.token('root'), sha256('three'), 1)::jsonb -> 'invite' ->> 'id' AS three \gset
UPDATE parley.invite SET expires = now() WHERE id = :two;
CREATE FUNCTION pg_temp.list(before bigint DEFAULT NULL, most integer DEFAULT 10) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(x ->> 'state', ' ' ORDER BY n), '') || CASE WHEN (j ->> 'more')::boolean THEN ' …' ELSE '' END
      FROM (SELECT api.admin_invites(t.token('root'), before, most)::jsonb AS j) a
      LEFT JOIN LATERAL jsonb_array_elements(j -> 'invites') WITH ORDINALITY AS e (x, n) ON true GROUP BY j;
$$;
SELECT is(pg_temp.list(), 'open expired used', 'newest first');
SELECT is(pg_temp.list(NULL, 2), 'open expired …', 'a page');
SELECT is(pg_temp.list(:two, 2), 'used', 'the next');
SELECT is(api.admin_invites(t.token('root'), :two, 2)::jsonb -> 'invites' -> 0 ->> 'used_by', t.id('bob')::text, 'who used it');
SELECT unalike(api.admin_invites(t.token('root'), NULL, 9), '%token%', 'no token in it');
SELECT is(api.admin_invite_delete(t.token('root'), :three), NULL, 'an invite is withdrawn');
SELECT throws_ok($$SELECT api.login_register(true, sha256('three'), 'cyd', 'Cyd', 'h')$$, 'PY000', 'bad_invite', 'and serves no more');
SELECT throws_ok(format('SELECT api.admin_invite_delete(t.token(''root''), %s)', :three), 'PY000', 'not_found', 'once');
SELECT lives_ok(format('SELECT api.admin_invite_delete(t.token(''root''), %L)', :'one'::jsonb ->> 'id'), 'a used one leaves the list');
SELECT is(pg_temp.list(), 'expired', 'as said');
SELECT isnt(t.id('bob'), NULL, 'who used it stays');

SELECT is(api.admin_invites(t.token('root'), 1, 5), '{"invites":[],"more":false}', 'the end');
SELECT * FROM finish();
ROLLBACK;
