-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_me_update(token, name): changes the profile of the account that calls.
--
-- Parameters: name  the new display name, checked; NULL = as it is
-- Returns:    {"account": …}
-- Raises:     unauthenticated
-- Locks:      account, account_sync. Tables written: account, account_sync, change_hint; nothing where nothing is new.
-- Notifies:   `a`, `p`.
CREATE FUNCTION api.login_me_update(token bytea, name text) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := (SELECT s.account_id FROM parley._session(token, true) s);
    a  parley.account;
BEGIN
    UPDATE parley.account x SET display_name = name WHERE x.id = me AND x.display_name <> name;
    IF FOUND THEN
        PERFORM parley._account_changed(me);
    END IF;
    SELECT * INTO a FROM parley.account x WHERE x.id = me;
    RETURN format('{"account":%s}', parley._account_json(a));
END
$$;
