-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_accounts_by_id(token, ids): accounts by id, also of people who left (`deactivated`: true); unknown ids are left out.
-- Returns: {"accounts": […]}, by id. Raises: unauthenticated, password_change.
CREATE FUNCTION api.login_accounts_by_id(token bytea, ids bigint[]) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM parley._session(token);
    RETURN (SELECT format('{"accounts":[%s]}', string_agg(parley._account_public(a), ',' ORDER BY a.id))
              FROM parley.account a WHERE a.id = ANY (ids));
END
$$;
