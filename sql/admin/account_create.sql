-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_account_create(…): an account with a temporary password, which must be changed at the first login. Possible
-- whatever `registration` says.
--
-- Parameters: new_login      folded to lower case, checked
--             new_name       the display name, checked
--             password_hash  Argon2id
--             is_admin       it is to be an administrator's
-- Returns:    {"account": as parley._admin_account}
-- Raises:     unauthenticated, password_change, forbidden, login_taken
-- Tables written: account, account_sync, credential, audit.
CREATE FUNCTION api.admin_account_create(token bytea, new_login text, new_name text, password_hash text, is_admin boolean)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := parley._admin(token);
    a  parley.account;
BEGIN
    a := parley._account_create(new_login, new_name, password_hash, true, is_admin);
    PERFORM parley._audit(me, 'account_create', a.id, jsonb_build_object('login', a.login, 'admin', a.admin));
    RETURN parley._admin_account_of(a.id);
END
$$;
