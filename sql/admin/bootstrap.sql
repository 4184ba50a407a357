-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_bootstrap(new_login, password_hash): the first administrator. For the installation, as the owner: no program may
-- call it.
--
-- Parameters: password_hash  of a temporary password: login.fcgi --hash-password makes it
-- Returns:    the account's id, or NULL where there was an administrator already: nothing is done then
-- Raises:     login_taken
-- Tables written: account, account_sync, credential, audit.
CREATE FUNCTION api.admin_bootstrap(new_login text, password_hash text) RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a parley.account;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('parley first administrator', 0));
    IF EXISTS (SELECT FROM parley.account x WHERE x.admin AND x.deactivated IS NULL) THEN
        RETURN NULL;
    END IF;
    a := parley._account_create(new_login, 'Administrator', password_hash, true, true);
    PERFORM parley._audit(NULL, 'account_create', a.id, jsonb_build_object('login', a.login, 'admin', true));
    RETURN a.id;
END
$$;

-- api.admin_rescue(password_hash): a temporary password for the administrator who is so the longest, for those who have
-- forgotten theirs. As the owner, likewise.
-- Returns: the login. Raises: not_found (there is no administrator: api.admin_bootstrap makes one).
-- Tables written, lines told: as api.admin_account_password.
CREATE FUNCTION api.admin_rescue(password_hash text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a parley.account;
BEGIN
    SELECT * INTO a FROM parley.account x WHERE x.admin AND x.deactivated IS NULL ORDER BY x.id LIMIT 1;
    IF NOT FOUND THEN
        PERFORM parley._fail('not_found', 'There is no administrator.');
    END IF;
    PERFORM parley._password_reset(NULL, a.id, password_hash);
    RETURN a.login;
END
$$;
