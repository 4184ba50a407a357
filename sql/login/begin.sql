-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_begin(…): the first half of a login: counts the try and finds what the password is to be compared with.
--
-- Parameters: the_login      folded to lower case; NULL = it had not the form of one
--             address        who asks: the throttle's key
--             login_most, login_seconds      login_rate_limit, for the login, whether there is such an account or not
--             address_most, address_seconds  login_ip_rate_limit; either `most` may be NULL = off
-- Returns:    one row: retry_after (seconds, 0 = not throttled), and account_id and password_hash, both NULL where there is no
--             such account or it is deactivated; the caller's answer and its work are then those of a wrong password.
-- Tables written: throttle.
CREATE FUNCTION api.login_begin(the_login text, address text, login_most integer, login_seconds integer,
                                address_most integer, address_seconds integer)
RETURNS TABLE (retry_after integer, account_id bigint, password_hash text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    retry_after := greatest(parley._throttle('login', the_login, login_most, login_seconds),
                            parley._throttle('login_ip', address, address_most, address_seconds));
    IF retry_after = 0 THEN
        SELECT a.id, k.password_hash INTO account_id, password_hash
          FROM parley.account a JOIN parley.credential k ON k.account_id = a.id
         WHERE a.login = the_login AND a.deactivated IS NULL;
    END IF;
    RETURN NEXT;
END
$$;
