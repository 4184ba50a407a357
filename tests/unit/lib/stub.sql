-- SPDX-License-Identifier: Apache-2.0
-- Functions for the unit tests of the database layer: what api.common_connect can say, and calls that echo, fail and wait.
CREATE ROLE unit_prog LOGIN;
CREATE SCHEMA api;
GRANT USAGE ON SCHEMA api TO unit_prog;

CREATE TABLE api.setting (version integer, min_program integer, encoding text, server_version integer, fsync text);
INSERT INTO api.setting VALUES (1000, 1, 'UTF8', 150015, 'on');
GRANT SELECT ON api.setting TO unit_prog;
CREATE FUNCTION api.common_connect(program text)
RETURNS TABLE (version integer, min_program integer, epoch text, encoding text, server_version integer,
               fsync text, synchronous_commit text, full_page_writes text) LANGUAGE sql AS $$
    SELECT s.version, s.min_program, 'epoch of ' || program, s.encoding, s.server_version, s.fsync, 'on', 'on' FROM api.setting s
$$;

CREATE FUNCTION api.echo(value text) RETURNS text LANGUAGE sql AS 'SELECT value';
CREATE FUNCTION api.large(size integer) RETURNS text LANGUAGE sql AS $$ SELECT repeat('x', size) $$;
CREATE FUNCTION api.add(a bigint, b bigint[]) RETURNS bigint LANGUAGE sql AS 'SELECT a + (SELECT sum(x) FROM unnest(b) x)';
CREATE FUNCTION api.wait(seconds double precision) RETURNS text LANGUAGE sql AS $$ SELECT 'waited' FROM pg_sleep(seconds) $$;
CREATE FUNCTION api.shout(payload text) RETURNS void LANGUAGE sql AS $$ SELECT pg_notify('unit', payload) $$;
CREATE FUNCTION api.fail(state text, message text, detail text, hint text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = state, MESSAGE = message, DETAIL = detail, HINT = hint;
END
$$;

-- Fails at the commit only, after a good answer.
CREATE TABLE api.parent (id integer PRIMARY KEY);
CREATE TABLE api.child (id integer REFERENCES api.parent DEFERRABLE INITIALLY DEFERRED);
GRANT ALL ON api.parent, api.child TO unit_prog;
CREATE FUNCTION api.late() RETURNS text LANGUAGE sql AS $$ INSERT INTO api.child VALUES (1) RETURNING 'good so far' $$;
