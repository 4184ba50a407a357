-- SPDX-License-Identifier: Apache-2.0
-- api.login_sessions, login_revoke, login_logout: one's own sessions, and only those.
\ir ../fixture.psql
BEGIN;
SELECT plan(15);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob']) n;
INSERT INTO parley.session VALUES
    (7, t.id('ada'), t.token('ada 7'), 'phone "x"', '', clock_timestamp() - interval '2 hours', clock_timestamp() - interval '1 hour', 86400),
    (8, t.id('ada'), t.token('ada 8'), 'old', '', clock_timestamp() - interval '9 days', clock_timestamp() - interval '2 days', 86400);

SELECT api.login_sessions(t.token('ada'))::jsonb -> 'sessions' AS list \gset
SELECT is(jsonb_array_length(:'list'), 2, 'a list of those that are good');
SELECT is(:'list'::jsonb -> 0 -> 'current', 'true', 'the one in use says so');
SELECT is(:'list'::jsonb -> 1 -> 'current', 'false', 'others do not');
SELECT is(:'list'::jsonb -> 1 ->> 'device', 'phone "x"', 'each with its device');
SELECT is((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(:'list'::jsonb -> 1) k), '{created,current,device,expires,id,last_seen}', 'and no more than what is promised');
SELECT is((:'list'::jsonb -> 1 ->> 'expires')::timestamptz - (:'list'::jsonb -> 1 ->> 'last_seen')::timestamptz, '1 day', 'when it will end');
SELECT throws_ok('SELECT api.login_sessions(NULL)', 'PY000', 'unauthenticated', 'not without a session');

SELECT throws_ok($$SELECT api.login_revoke(t.token('bob'), 7)$$, 'PY000', 'not_found', 'another account''s session is not to be found');
SELECT throws_ok($$SELECT api.login_revoke(t.token('ada'), 4711)$$, 'PY000', 'not_found', 'nor one that is not there');
SELECT is(api.login_revoke(t.token('ada'), 7), NULL, 'one''s own ends');
SELECT throws_ok($$SELECT api.login_me(t.token('ada 7'))$$, 'PY000', 'unauthenticated', 'at once');
SELECT is(ARRAY(SELECT t.lines()), '{s 7}', 'the relays are told');

SELECT is(api.login_logout(t.token('ada')), NULL, 'logging out');
SELECT throws_ok($$SELECT api.login_logout(t.token('ada'))$$, 'PY000', 'unauthenticated', 'is done once');
SELECT is((SELECT count(*) FROM t.lines()), 2::bigint, 'and told');
SELECT * FROM finish();
ROLLBACK;
