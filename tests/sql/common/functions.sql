-- SPDX-License-Identifier: Apache-2.0
-- Every function there is: what plpgsql_check says, what each public one promises, and who may call it.
\ir ../fixture.psql
BEGIN;
SELECT no_plan();

SELECT is(string_agg(c.line, E'\n'), NULL, p.signature || ' is sound')
  FROM (SELECT p.oid, p.oid::regprocedure::text AS signature
          FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
         WHERE l.lanname = 'plpgsql' AND p.pronamespace IN ('api'::regnamespace, 'parley'::regnamespace)) p
  LEFT JOIN LATERAL plpgsql_check_function(p.oid, fatal_errors := false, other_warnings := false, extra_warnings := false)
         AS c (line) ON true
 GROUP BY p.signature ORDER BY p.signature;

SELECT is(string_agg(p.oid::regprocedure::text, ', '), NULL, 'each function of api is SECURITY DEFINER with a fixed search_path')
  FROM pg_proc p
 WHERE p.pronamespace = 'api'::regnamespace
   AND NOT (p.prosecdef AND p.proconfig @> ARRAY['search_path=pg_catalog, pg_temp']);
SELECT is(string_agg(p.oid::regprocedure::text, ', '), NULL, 'and no other is')
  FROM pg_proc p WHERE p.pronamespace = 'parley'::regnamespace AND p.prosecdef;
SELECT is(string_agg(p.oid::regprocedure::text, ', '), NULL, 'private functions begin with _')
  FROM pg_proc p WHERE p.pronamespace = 'parley'::regnamespace AND p.proname NOT LIKE '\_%';

-- Who may call what: its own family, and what is common.
CREATE TEMPORARY TABLE door AS
SELECT r.role, p.oid AS function, p.oid::regprocedure::text AS name,
       CASE WHEN p.proname = 'common_connect' THEN true
            WHEN p.proname = 'common_session' THEN r.role NOT IN ('relay', 'worker')
            WHEN p.proname IN ('admin_bootstrap', 'admin_rescue') THEN false
            WHEN r.role = 'relay' THEN p.proname LIKE 'live\_%'
            ELSE p.proname LIKE r.role || '\_%' END AS open
  FROM unnest(ARRAY['login', 'groups', 'history', 'media', 'search', 'admin', 'relay', 'worker']) AS r (role), pg_proc p
 WHERE p.pronamespace = 'api'::regnamespace;
SELECT is(has_function_privilege('parley_' || role, function, 'EXECUTE'), open,
          role || CASE WHEN open THEN ' calls ' ELSE ' does not call ' END || name)
  FROM door ORDER BY role, name;
SELECT is(bool_or(has_function_privilege('public', p.oid, 'EXECUTE')), false, 'PUBLIC calls nothing')
  FROM pg_proc p WHERE p.pronamespace IN ('api'::regnamespace, 'parley'::regnamespace);
SELECT is(string_agg(r.role || ' ' || c.relname, ', '), NULL, 'no program touches a table')
  FROM (SELECT DISTINCT 'parley_' || role AS role FROM door) r, pg_class c
 WHERE c.relnamespace = 'parley'::regnamespace AND c.relkind IN ('r', 'p', 'S', 'v')
   AND CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(r.role, c.oid, 'USAGE, SELECT, UPDATE')
            ELSE has_table_privilege(r.role, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER') END;
SELECT is(string_agg(role, ', '), NULL, 'no program sees the schema of tables, or makes anything')
  FROM (SELECT DISTINCT 'parley_' || role AS role FROM door) r
 WHERE has_schema_privilege(role, 'parley', 'USAGE') OR has_schema_privilege(role, 'api', 'CREATE')
    OR has_database_privilege(role, current_database(), 'CREATE');

-- The doors themselves, tried.
SELECT t.person('ada');
GRANT USAGE ON SCHEMA t TO parley_login, parley_admin;
SET LOCAL ROLE parley_login;
SELECT throws_ok('SELECT * FROM parley.credential', '42501', NULL, 'login reads no table');
SELECT throws_ok('SELECT parley._id()', '42501', NULL, 'login calls no helper');
SELECT throws_ok($$SELECT api.admin_account(''::bytea, 1)$$, '42501', NULL, 'login does not administer');
SELECT throws_ok($$SELECT api.admin_bootstrap('eve', 'h')$$, '42501', NULL, 'login makes no administrator');
SELECT throws_ok($$SELECT * FROM api.live_hello('{}')$$, '42501', NULL, 'login is no relay');
SELECT lives_ok($$SELECT api.login_me(t.token('ada'))$$, 'login serves its own');
RESET ROLE;
SET LOCAL ROLE parley_admin;
SELECT throws_ok($$SELECT api.admin_bootstrap('eve', 'h')$$, '42501', NULL, 'admin makes no first administrator');
SELECT throws_ok($$SELECT api.admin_rescue('h')$$, '42501', NULL, 'admin rescues nobody');
SELECT throws_ok($$SELECT * FROM api.login_begin('ada', '', NULL, NULL, NULL, NULL)$$, '42501', NULL, 'admin reads no password hash');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
