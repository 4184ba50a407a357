-- SPDX-License-Identifier: Apache-2.0

-- parley._session_find(token): the login session of a token's hash and its account; no row when it is unknown, has ended
-- (unused for idle_seconds, or a year old) or its account is deactivated. Says when last_seen wants to be written.
CREATE FUNCTION parley._session_find(token bytea)
RETURNS TABLE (session_id bigint, account_id bigint, admin boolean, must_change boolean, stale boolean)
LANGUAGE sql STABLE AS $$
    SELECT s.id, a.id, a.admin, k.must_change_password, s.last_seen < clock_timestamp() - interval '5 minutes'
      FROM parley.session s
      JOIN parley.account a ON a.id = s.account_id
      JOIN parley.credential k ON k.account_id = a.id
     WHERE s.token_hash = token
       AND parley._session_expires(s) > clock_timestamp()
       AND a.deactivated IS NULL;
$$;

-- parley._session(token, any_password, touch): who calls.
--
-- Parameters: token         the hash of the token; NULL = none was given
--             any_password  true = also an account that must change its password first
--             touch         false = last_seen stays as it is: for who locks sessions or credentials afterwards
-- Returns:    one row
-- Raises:     unauthenticated, password_change
-- Tables written: session.last_seen, at most every five minutes.
CREATE FUNCTION parley._session(token bytea, any_password boolean DEFAULT false, touch boolean DEFAULT true,
                                OUT session_id bigint, OUT account_id bigint, OUT admin boolean)
LANGUAGE plpgsql AS $$
DECLARE
    s record;
BEGIN
    SELECT * INTO s FROM parley._session_find(token);
    IF NOT FOUND THEN
        PERFORM parley._fail('unauthenticated');
    ELSIF s.must_change AND NOT any_password THEN
        PERFORM parley._fail('password_change');
    ELSIF s.stale AND touch THEN
        UPDATE parley.session x SET last_seen = parley._now() WHERE x.id = s.session_id;
    END IF;
    session_id := s.session_id;
    account_id := s.account_id;
    admin := s.admin;
END
$$;
