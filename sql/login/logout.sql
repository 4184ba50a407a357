-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_logout(token): ends the session that calls.
-- Returns: NULL. Raises: unauthenticated. Tables written: session, change_hint. Notifies: `s`.
CREATE FUNCTION api.login_logout(token bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM parley._session_end(ARRAY[(SELECT s.session_id FROM parley._session(token, true) s)]);
    RETURN NULL;
END
$$;
