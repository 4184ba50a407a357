-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_password(token, checked, hash): a new password; every other session of the account ends.
--
-- Parameters: checked  the hash that the current password was compared with: another one by now means another password
--             hash     of the new password
-- Returns:    NULL
-- Raises:     unauthenticated, wrong_password
-- Locks:      the account's credential, sessions, account, account_sync. Tables written: credential, session, account, account_sync, change_hint.
-- Notifies:   `s` for each session that ended; `a` and `p` where the account had to change its password.
CREATE FUNCTION api.login_password(token bytea, checked text, hash text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me     record;
    forced boolean;
BEGIN
    SELECT * INTO me FROM parley._session(token, true, false);
    PERFORM parley._account_lock(me.account_id);
    SELECT k.must_change_password INTO forced
      FROM parley.credential k WHERE k.account_id = me.account_id AND k.password_hash = checked;
    IF NOT FOUND THEN
        PERFORM parley._fail('wrong_password');
    END IF;
    UPDATE parley.credential k SET password_hash = hash, must_change_password = false, changed = parley._now()
     WHERE k.account_id = me.account_id;
    PERFORM parley._session_end_all(me.account_id, me.session_id);
    IF forced THEN
        PERFORM parley._account_changed(me.account_id);
    END IF;
    RETURN NULL;
END
$$;
