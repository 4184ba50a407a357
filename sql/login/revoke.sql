-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_revoke(token, session): ends one of the caller's own login sessions.
-- Returns: NULL. Raises: unauthenticated, password_change, not_found (also for another account's session).
-- Tables written: session, change_hint. Notifies: `s`.
CREATE FUNCTION api.login_revoke(token bytea, session bigint) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := (SELECT s.account_id FROM parley._session(token, touch => false) s);
BEGIN
    IF NOT EXISTS (SELECT FROM parley.session s WHERE s.id = session AND s.account_id = me) THEN
        PERFORM parley._fail('not_found');
    END IF;
    PERFORM parley._session_end(ARRAY[session]);
    RETURN NULL;
END
$$;
