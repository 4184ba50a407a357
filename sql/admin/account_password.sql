-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_account_password(token, account, password_hash): a temporary password, which must be changed at the next login;
-- every session of the account ends at once. One's own password is changed by api.login_password.
--
-- Returns: NULL
-- Raises:  unauthenticated, password_change, forbidden, not_found, conflict (one's own account)
-- Locks:   credential, sessions, account, account_sync.
-- Tables written: credential, session, account, account_sync, change_hint, audit. Notifies: `s`, `a`, `p`.
CREATE FUNCTION api.admin_account_password(token bytea, account bigint, password_hash text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := parley._admin(token, false);
BEGIN
    IF account = me THEN
        PERFORM parley._fail('conflict', 'Change your own password on your account page.');
    END IF;
    PERFORM parley._account_lock(account);
    -- Others may have changed who I am while I waited.
    PERFORM parley._admin(token, false);
    PERFORM parley._password_reset(me, account, password_hash);
    RETURN NULL;
END
$$;

-- parley._password_reset(me, account, password_hash): what api.admin_account_password does, once it is allowed.
-- Raises: not_found.
CREATE FUNCTION parley._password_reset(me bigint, account bigint, password_hash text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM parley._account_lock(account);
    UPDATE parley.credential k
       SET password_hash = _password_reset.password_hash, must_change_password = true, changed = parley._now()
     WHERE k.account_id = account;
    IF NOT FOUND THEN
        PERFORM parley._fail('not_found');
    END IF;
    PERFORM parley._session_end_all(account);
    PERFORM parley._account_changed(account);
    PERFORM parley._audit(me, 'account_password', account);
END
$$;
