-- SPDX-License-Identifier: Apache-2.0
--
-- api.common_session(token): who calls, for the few handlers that must know before they do anything.
-- Returns: one row; must_change_password also where the account may do nothing else yet. Raises: unauthenticated.
CREATE FUNCTION api.common_session(token bytea)
RETURNS TABLE (account bigint, session bigint, admin boolean, must_change_password boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT s.account_id, s.session_id, s.admin, k.must_change_password
      FROM parley._session(token, true) s JOIN parley.credential k ON k.account_id = s.account_id;
END
$$;
