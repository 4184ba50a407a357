-- SPDX-License-Identifier: Apache-2.0
--
-- The index behind every search for people (sql/login/accounts.sql, sql/admin/accounts.sql): any part of login and display
-- name, case folded. Trigrams, because names have no word breaks everywhere; the extension comes with PostgreSQL and is one
-- of those that the owner of a database may install. It lies outside of parley and api, whose functions are dropped and
-- made anew at each deploy, or wherever it was already.

CREATE SCHEMA IF NOT EXISTS parley_trgm;
CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA parley_trgm;

DO $$
BEGIN
    EXECUTE format('CREATE INDEX account_directory ON parley.account USING gin ((lower(login || '' '' || display_name)) %I.gin_trgm_ops)',
                   (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
                     WHERE e.extname = 'pg_trgm'));
END
$$;
