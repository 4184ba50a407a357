-- SPDX-License-Identifier: Apache-2.0
-- api.admin_relays and api.admin_audit: what administrators can look at.
\ir ../fixture.psql
BEGIN;
SELECT plan(10);
SELECT t.person(n) FROM unnest(ARRAY['root', 'ada']) n;
UPDATE parley.account SET admin = true WHERE login = 'root';
SELECT is(api.admin_relays(t.token('root')), '{"relays":[]}', 'no relay');
INSERT INTO parley.relay_node (name, incarnation, url, load, beat) VALUES
    ('b', 1, '/live/b', 0.25, clock_timestamp() - interval '1 minute'), ('a', 1, '/live/a', 0.5, clock_timestamp());
SELECT is((SELECT array_agg(x ->> 'name' || ' ' || (x ->> 'alive')) FROM jsonb_array_elements(api.admin_relays(t.token('root'))::jsonb -> 'relays') x), '{a true,b false}', 'relays by name, also the silent');
SELECT ok((api.admin_relays(t.token('root'))::jsonb -> 'relays' -> 1 ->> 'age')::numeric BETWEEN 60 AND 62, 'with the age of the last beat');


-- The record
SELECT api.admin_invite_create(t.token('root'), sha256('one'), 7)::jsonb -> 'invite' ->> 'id' AS one \gset
SELECT api.admin_invite_delete(t.token('root'), :one), api.admin_account_password(t.token('root'), t.id('ada'), 'temporary') \g /dev/null
CREATE FUNCTION pg_temp.record(before bigint DEFAULT NULL, most integer DEFAULT 10) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(x ->> 'action', ' ' ORDER BY n), '') || CASE WHEN (j ->> 'more')::boolean THEN ' …' ELSE '' END
      FROM (SELECT api.admin_audit(t.token('root'), before, most)::jsonb AS j) a
      LEFT JOIN LATERAL jsonb_array_elements(j -> 'audit') WITH ORDINALITY AS e (x, n) ON true GROUP BY j;
$$;
SELECT is(pg_temp.record(), 'account_password invite_delete invite_create', 'newest first');
SELECT is(pg_temp.record(NULL, 2), 'account_password invite_delete …', 'a page');
SELECT (api.admin_audit(t.token('root'), NULL, 2)::jsonb -> 'audit' -> 1 ->> 'id')::bigint AS second \gset
SELECT is(pg_temp.record(:second, 9), 'invite_create', 'the next');
SELECT api.admin_audit(t.token('root'), NULL, 1)::jsonb -> 'audit' -> 0 AS line \gset
SELECT is(:'line'::jsonb - '{id,time}'::text[], format('{"account": "%s", "action": "account_password", "subject": "%s", "detail": {}}', t.id('root'), t.id('ada'))::jsonb, 'a line is whole');
INSERT INTO parley.audit VALUES (9223372036854775807, now(), NULL, 'x "y"', NULL, NULL);
SELECT is((api.admin_audit(t.token('root'), NULL, 1)::jsonb -> 'audit' -> 0) - 'time', '{"id": "9223372036854775807", "account": null, "action": "x \"y\"", "subject": null, "detail": {}}', 'also a bare one');
SELECT is(api.admin_audit(t.token('root'), 1, 5), '{"audit":[],"more":false}', 'the end');
SELECT is((SELECT count(*) FROM parley.audit WHERE detail::text ~* 'temporary|token|hash'), 0::bigint, 'no secret is on record');
SELECT * FROM finish();
ROLLBACK;
