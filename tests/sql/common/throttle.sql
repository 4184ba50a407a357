-- SPDX-License-Identifier: Apache-2.0
-- parley._throttle: windows of tries.
\ir ../fixture.psql
BEGIN;
SELECT plan(14);
SELECT is((SELECT array_agg(parley._throttle('login', 'ada', 3, 300) = 0) FROM generate_series(1, 5)), '{t,t,t,f,f}',
          'three tries, no fourth');
SELECT ok(parley._throttle('login', 'ada', 3, 300) BETWEEN 299 AND 300, 'it says how long to wait');
SELECT is(parley._throttle('login', 'bob', 3, 300), 0, 'another key counts for itself');
SELECT is(parley._throttle('login_ip', 'ada', 3, 300), 0, 'another kind too');

-- A refused try makes nobody wait longer
UPDATE parley.throttle SET window_start = now() - interval '299 seconds' WHERE key = 'ada';
SELECT ok(parley._throttle('login', 'ada', 3, 300) BETWEEN 1 AND 2, 'the window is not moved by tries');
UPDATE parley.throttle SET window_start = now() - interval '300 seconds' WHERE key = 'ada';
SELECT is(parley._throttle('login', 'ada', 3, 300), 0, 'a new window begins when it is over');
SELECT is((SELECT count FROM parley.throttle WHERE kind = 'login' AND key = 'ada'), 1, 'with one try in it');
SELECT is((SELECT window_start > now() - interval '10 seconds' FROM parley.throttle WHERE kind = 'login' AND key = 'ada'), true,
          'that began it');

-- Off
SELECT is(parley._throttle('login', 'cyd', NULL, NULL), 0, 'off is no limit');
SELECT is((SELECT count(*) FROM parley.throttle WHERE key = 'cyd'), 0::bigint, 'and counts nothing');
SELECT is(parley._throttle('login', NULL, 3, 300), 0, 'nobody is not counted');

-- Bounded: what is over goes, of this kind only
INSERT INTO parley.throttle SELECT 'login', 'old' || i, now() - interval '1 hour', 1 FROM generate_series(1, 100) i;
INSERT INTO parley.throttle VALUES ('register', 'old', now() - interval '1 minute', 1);
SELECT setseed(0.5);
SELECT parley._throttle('login', 'x' || i, 3, 300) FROM generate_series(1, 1000) i \g /dev/null
SELECT is((SELECT count(*) FROM parley.throttle WHERE key LIKE 'old%' AND kind = 'login'), 0::bigint, 'old windows are removed');
SELECT is((SELECT count(*) FROM parley.throttle WHERE key LIKE 'x%'), 1000::bigint, 'those that count stay');
SELECT is((SELECT count(*) FROM parley.throttle WHERE kind = 'register'), 1::bigint, 'another kind has another length');
SELECT * FROM finish();
ROLLBACK;
