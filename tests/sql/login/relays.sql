-- SPDX-License-Identifier: Apache-2.0
-- api.login_relays and api.login_health: what is alive.
\ir ../fixture.psql
BEGIN;
SELECT plan(10);
SELECT t.person('ada');
SELECT throws_ok('SELECT api.login_health()', 'PY000', 'unavailable', 'not healthy without a relay');
SELECT is(api.login_relays(t.token('ada')), '{"relays":[]}', 'nor is there one to name');
INSERT INTO parley.relay_node (name, incarnation, url, region, load, beat) VALUES
    ('a', 1, '/live/a', 'eu', 0.5, clock_timestamp()), ('b', 1, '/live/b', '', 0.25, clock_timestamp()),
    ('c', 1, '/live/c', '', 0, clock_timestamp() - interval '7 seconds');
SELECT is(api.login_health(), '{"status":"ok","relays":2}', 'healthy with one');
SELECT is(api.login_relays(t.token('ada'))::jsonb,
          '{"relays": [{"name": "b", "url": "/live/b", "region": "", "load": 0.25}, {"name": "a", "url": "/live/a", "region": "eu", "load": 0.5}]}',
          'the least loaded first, without the one that is silent for seven seconds');
UPDATE parley.relay_node SET load = 0.5;
SELECT is((SELECT count(DISTINCT api.login_relays(t.token('ada'))) FROM generate_series(1, 50)), 2::bigint, 'equals in any order');
UPDATE parley.relay_node SET beat = beat - interval '8 seconds';
SELECT is(api.login_relays(t.token('ada')), '{"relays":[]}', 'who falls silent goes');
SELECT throws_ok('SELECT api.login_health()', 'PY000', 'unavailable', 'and with the last the health');
SELECT throws_ok('SELECT api.login_relays(NULL)', 'PY000', 'unauthenticated', 'relays are not for strangers');
UPDATE parley.credential SET must_change_password = true;
SELECT throws_ok($$SELECT api.login_relays(t.token('ada'))$$, 'PY000', 'password_change', 'nor before the password is changed');
UPDATE parley.relay_node SET beat = clock_timestamp() WHERE name = 'c';
SELECT is(api.login_health()::jsonb ->> 'status', 'ok', 'health asks nobody who they are');
SELECT * FROM finish();
ROLLBACK;
