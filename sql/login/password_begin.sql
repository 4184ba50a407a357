-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_password_begin(token, most, seconds): the first half of a change of password: counts the try (the current password
-- could be guessed at by who found an open device) and says what the current one is to be compared with.
--
-- Parameters: most, seconds  login_rate_limit; most NULL = off
-- Returns:    one row: retry_after (seconds, 0 = not throttled), password_hash, must_change
-- Raises:     unauthenticated
-- Tables written: throttle.
CREATE FUNCTION api.login_password_begin(token bytea, most integer, seconds integer)
RETURNS TABLE (retry_after integer, password_hash text, must_change boolean)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := (SELECT s.account_id FROM parley._session(token, true) s);
BEGIN
    retry_after := parley._throttle('password', me::text, most, seconds);
    SELECT k.password_hash, k.must_change_password INTO password_hash, must_change
      FROM parley.credential k WHERE k.account_id = me AND retry_after = 0;
    RETURN NEXT;
END
$$;
