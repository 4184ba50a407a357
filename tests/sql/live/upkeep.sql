-- SPDX-License-Identifier: Apache-2.0
-- api.live_prune and api.live_sessions: what is over is forgotten, in slices; a live session is use, until its login ends.
\ir ../fixture.psql
BEGIN;
SELECT plan(13);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob', 'cyd']) n;
CREATE FUNCTION t.session(name text) RETURNS bigint LANGUAGE sql STABLE RETURN (SELECT id FROM parley.session WHERE token_hash = t.token(name));
CREATE FUNCTION t.ended() RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(coalesce(a.login, '?'), ' ' ORDER BY e.ended)
      FROM api.live_sessions(ARRAY[t.session('ada'), t.session('bob'), t.session('cyd'), 4711]) e
      LEFT JOIN parley.session s ON s.id = e.ended LEFT JOIN parley.account a ON a.id = s.account_id;
$$;
CREATE FUNCTION t.unused(name text) RETURNS interval LANGUAGE sql STABLE
RETURN (SELECT date_trunc('hour', now() - last_seen) FROM parley.session WHERE token_hash = t.token(name));

UPDATE parley.session SET last_seen = now() - interval '50 minutes' WHERE id = t.session('ada');
UPDATE parley.session SET last_seen = now() - interval '23 hours' WHERE id = t.session('bob');
UPDATE parley.session SET last_seen = now() - interval '25 hours' WHERE id = t.session('cyd');
SELECT is(t.ended(), '? cyd', 'what is not there or unused for too long has ended');
SELECT is(t.unused('bob'), '0', 'what is nearly so is used now');
SELECT is((SELECT count(*) FROM parley.session WHERE last_seen > now() - interval '1 minute'), 1::bigint, 'one used within the hour is not written');
SELECT is(t.unused('cyd'), '25:00', 'what has ended stays so');
UPDATE parley.account SET deactivated = now() WHERE id = t.id('bob');
SELECT is(t.ended(), '? bob cyd', 'who is deactivated has none');
UPDATE parley.session SET created = now() - interval '1 year 1 hour' WHERE id = t.session('ada');
SELECT is(t.ended(), '? ada bob cyd', 'after a year any has ended');

INSERT INTO parley.change_hint (time, lines) SELECT now() - interval '11 minutes', 'c 1 1' FROM generate_series(1, 20001);
INSERT INTO parley.change_hint (time, lines) VALUES (now() - interval '9 minutes', 'c 2 2');
INSERT INTO parley.audit (id, time, action) SELECT n, now() - n * interval '1 day', 'x' FROM generate_series(5, 15) n;
INSERT INTO parley.invite (id, token_hash, created_by, created, expires)
    SELECT n, sha256(n::text::bytea), t.id('ada'), now(), now() - n * interval '1 day' FROM generate_series(5, 15) n;
SELECT is(api.live_prune(10), true, 'there is more than one call forgets');
SELECT is(api.live_prune(10), false, 'the next forgets the rest');
SELECT is((SELECT string_agg(lines, ' ') FROM parley.change_hint), 'c 2 2', 'hints after ten minutes');
SELECT is((SELECT string_agg(device, '') FROM parley.session WHERE id IN (t.session('ada'), t.session('cyd'))), NULL, 'sessions that have ended');
SELECT is((SELECT count(*) FROM parley.session), 1::bigint, 'no other');
SELECT is((SELECT max(now() - time) FROM parley.audit), interval '9 days', 'the record after audit_days');
SELECT is((SELECT max(now() - expires) FROM parley.invite), interval '9 days', 'and invites so long after they expired');
SELECT * FROM finish();
ROLLBACK;
