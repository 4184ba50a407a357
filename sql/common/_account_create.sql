-- SPDX-License-Identifier: Apache-2.0
--
-- parley._account_create(login, display_name, password_hash, must_change, admin): the one way in which an account begins.
--
-- Parameters: new_login      folded to lower case, of the allowed characters
--             new_name       the display name, checked by the program
--             password_hash  Argon2id, as libsodium writes it
--             must_change    true for a temporary password
-- Returns:    the account
-- Raises:     login_taken
-- Tables written: account, account_sync, credential.
CREATE FUNCTION parley._account_create(new_login text, new_name text, password_hash text, must_change boolean, is_admin boolean)
RETURNS parley.account LANGUAGE plpgsql AS $$
DECLARE
    a parley.account;
BEGIN
    INSERT INTO parley.account (id, login, display_name, admin, created)
        VALUES (parley._id(), new_login, new_name, is_admin, parley._now())
        ON CONFLICT DO NOTHING RETURNING * INTO a;
    IF NOT FOUND THEN
        PERFORM parley._fail('login_taken');
    END IF;
    INSERT INTO parley.account_sync (account_id) VALUES (a.id);
    INSERT INTO parley.credential (account_id, password_hash, must_change_password, changed)
        VALUES (a.id, _account_create.password_hash, must_change, a.created);
    RETURN a;
END
$$;
