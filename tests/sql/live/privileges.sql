-- SPDX-License-Identifier: Apache-2.0
-- What each program's role may do: call the functions of its own domain, and nothing else. Each tries the others' doors.
\ir ../fixture.psql
BEGIN;
CREATE TEMP TABLE program (name text, own text[]);
INSERT INTO program VALUES ('login', '{login,common}'), ('groups', '{groups,common}'), ('history', '{history,common}'), ('media', '{media,common}'),
    ('search', '{search,common}'), ('admin', '{admin,common}'), ('relay', '{live,common}'), ('worker', '{worker,common}');
-- t.try(program, sql): runs it as that program's role; NULL = it went well, else the SQLSTATE. Nothing of it stays.
CREATE FUNCTION t.try(program text, sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
BEGIN
    BEGIN
        EXECUTE format('SET LOCAL ROLE %I', 'parley_' || program);
        EXECUTE sql;
        RAISE EXCEPTION USING ERRCODE = 'P0000';
    EXCEPTION WHEN OTHERS THEN
        state := SQLSTATE;
    END;
    RETURN nullif(state, 'P0000');
END
$$;
-- t.call(f): a call of a function with nothing but NULLs.
CREATE FUNCTION t.call(f regprocedure) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('SELECT %s(%s)', p.oid::regproc, (SELECT string_agg('NULL::' || a::regtype, ', ') FROM unnest(p.proargtypes) a))
      FROM pg_proc p WHERE p.oid = f;
$$;
CREATE TEMP VIEW door AS
    SELECT r.name AS program, p.oid::regprocedure AS f, split_part(p.proname, '_', 1) = ANY (r.own) AS own
      FROM program r, pg_proc p WHERE p.pronamespace = 'api'::regnamespace;

SELECT plan(15);
SELECT is_empty($$SELECT program, f FROM door WHERE NOT own AND t.try(program, t.call(f)) IS DISTINCT FROM '42501'$$, 'nobody opens another''s door');
SELECT is_empty($$SELECT program, f FROM door WHERE NOT own AND has_function_privilege('parley_' || program, f, 'EXECUTE')$$, 'nor is it said that they may');
SELECT is_empty($$SELECT f FROM door WHERE own AND program <> 'relay' AND f::text NOT LIKE 'api.common\_%' AND f::text !~ '^api.admin_(bootstrap|rescue)'
    AND NOT has_function_privilege('parley_' || program, f, 'EXECUTE')$$, 'each opens its own; the two that make and rescue an administrator are the owner''s');
SELECT is_empty($$SELECT f FROM door WHERE program = 'relay' AND own AND f::text LIKE 'api.live\_%' AND NOT has_function_privilege('parley_relay', f, 'EXECUTE')$$, 'the relay too');
SELECT is_empty($$SELECT name FROM program WHERE t.try(name, 'SELECT * FROM api.common_connect(''x'')') IS NOT NULL$$, 'everybody may connect');
SELECT is_empty($$SELECT program, f FROM door WHERE own AND program IN ('groups', 'history') AND f::text NOT LIKE 'api.common\_%' AND t.try(program, t.call(f)) IS DISTINCT FROM 'PY000'$$,
    'without a token every function refuses');
SELECT is_empty($$SELECT r.name, c.relname FROM program r, pg_class c WHERE c.relnamespace = 'parley'::regnamespace AND c.relkind IN ('r', 'p', 'S', 'v')
    AND (has_table_privilege('parley_' || r.name, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') OR has_any_column_privilege('parley_' || r.name, c.oid, 'SELECT, INSERT, UPDATE'))$$,
    'no table is open to any');
SELECT is_empty($$SELECT name FROM program WHERE t.try(name, 'TABLE parley.message') IS DISTINCT FROM '42501'$$, 'nor can it be read');
SELECT is_empty($$SELECT r.name, p.oid::regprocedure FROM program r, pg_proc p WHERE p.pronamespace = 'parley'::regnamespace AND has_function_privilege('parley_' || r.name, p.oid, 'EXECUTE')$$, 'no helper is');
SELECT is_empty($$SELECT name FROM program WHERE t.try(name, 'CREATE TABLE api.mine (x int)') IS DISTINCT FROM '42501' OR t.try(name, 'CREATE TABLE parley.mine (x int)') IS DISTINCT FROM '42501'
    OR t.try(name, 'CREATE FUNCTION api.mine() RETURNS int LANGUAGE sql RETURN 1') IS DISTINCT FROM '42501'$$, 'nobody makes anything in our schemas');
SELECT is_empty($$SELECT a.name, b.rolname FROM program a, pg_roles b WHERE b.rolname LIKE 'parley\_%' AND b.rolname <> 'parley_' || a.name AND pg_has_role('parley_' || a.name, b.oid, 'MEMBER')$$, 'nobody is a member of another');
SELECT is_empty($$SELECT rolname FROM pg_roles WHERE rolname LIKE 'parley\_%' AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)$$, 'none is more than ordinary');
SELECT is((SELECT rolcanlogin FROM pg_roles WHERE rolname = 'parley_owner'), false, 'nobody logs in as the owner');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'api'::regnamespace
    AND (NOT p.prosecdef OR NOT 'search_path=pg_catalog, pg_temp' = ANY (p.proconfig) OR p.proowner <> 'parley_owner'::regrole)$$, 'every public function is the owner''s, with a fixed search_path');
SELECT is_empty($$SELECT p.oid::regprocedure FROM pg_proc p WHERE p.pronamespace = 'parley'::regnamespace AND p.prosecdef$$, 'no helper is more than its caller');
SELECT * FROM finish();
ROLLBACK;
