-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_register(…): a new account.
--
-- Parameters: invite_needed  registration is `invite`
--             invite         the hash of the invite's token, or NULL
--             new_login      folded to lower case, checked
--             new_name       the display name, checked
--             password_hash  Argon2id
-- Returns:    {"account": …}
-- Raises:     bad_invite, login_taken
-- Tables written: account, account_sync, credential, invite (a good invite is used up, also where none is needed).
CREATE FUNCTION api.login_register(invite_needed boolean, invite bytea, new_login text, new_name text, password_hash text)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ticket bigint;
    a      parley.account;
BEGIN
    SELECT i.id INTO ticket FROM parley.invite i
     WHERE i.token_hash = invite AND i.used IS NULL AND i.expires > parley._now() FOR NO KEY UPDATE;
    IF invite_needed AND ticket IS NULL THEN
        PERFORM parley._fail('bad_invite');
    END IF;
    a := parley._account_create(new_login, new_name, password_hash, false, false);
    UPDATE parley.invite i SET used_by = a.id, used = parley._now() WHERE i.id = ticket;
    RETURN format('{"account":%s}', parley._account_json(a));
END
$$;
