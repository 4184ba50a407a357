-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_admit(address, most, seconds, invite_needed, invite, login): may somebody register, before a password is hashed for
-- them. Counts the try; api.login_register judges everything else again.
--
-- Parameters: address        who asks: the throttle's key
--             most, seconds  register_rate_limit; most NULL = off
--             invite_needed  registration is `invite`
--             invite         the hash of the invite's token, or NULL
--             new_login      folded to lower case
-- Returns:    one row: retry_after (seconds, 0 = not throttled) and problem (NULL, 'bad_invite' or 'login_taken'). Nothing is
--             raised, so that the count stays.
-- Tables written: throttle.
CREATE FUNCTION api.login_admit(address text, most integer, seconds integer, invite_needed boolean, invite bytea,
                                new_login text)
RETURNS TABLE (retry_after integer, problem text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    retry_after := parley._throttle('register', address, most, seconds);
    IF retry_after = 0 THEN
        IF invite_needed AND NOT EXISTS (SELECT FROM parley.invite i
                                          WHERE i.token_hash = invite AND i.used IS NULL AND i.expires > parley._now()) THEN
            problem := 'bad_invite';
        ELSIF EXISTS (SELECT FROM parley.account a WHERE a.login = new_login) THEN
            problem := 'login_taken';
        END IF;
    END IF;
    RETURN NEXT;
END
$$;
