-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_account(token, account): one account.
-- Returns: {"account": as parley._admin_account}. Raises: unauthenticated, password_change, forbidden, not_found.
CREATE FUNCTION api.admin_account(token bytea, account bigint) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM parley._admin(token);
    RETURN parley._admin_account_of(account);
END
$$;

-- parley._admin_account_of(account): the answer about one account. Raises: not_found.
CREATE FUNCTION parley._admin_account_of(account bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    a parley.account;
BEGIN
    SELECT * INTO a FROM parley.account x WHERE x.id = account;
    IF NOT FOUND THEN
        PERFORM parley._fail('not_found');
    END IF;
    RETURN format('{"account":%s}', parley._admin_account(a));
END
$$;
