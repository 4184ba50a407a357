-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_me(token): the account that calls.
-- Returns: {"account": …}. Raises: unauthenticated.
CREATE FUNCTION api.login_me(token bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN (SELECT format('{"account":%s}', parley._account_json(a))
              FROM parley._session(token, true) s JOIN parley.account a ON a.id = s.account_id);
END
$$;
