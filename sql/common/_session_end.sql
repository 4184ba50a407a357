-- SPDX-License-Identifier: Apache-2.0
--
-- How a login session lives and ends. Whoever opens a session, or ends several of an account, holds the account's credential
-- row: so a session opened with a password just being changed is either seen and ended, or refused.
-- Locks are taken in the order credential, session, account, account_sync; who only calls holds nothing but its own session
-- before them, and not even that where others are ended (parley._session, touch).

-- parley._session_expires(s): when the session ends if it is not used again.
CREATE FUNCTION parley._session_expires(s parley.session) RETURNS timestamptz LANGUAGE sql STABLE
RETURN least(s.last_seen + make_interval(secs => s.idle_seconds), s.created + interval '1 year');

-- parley._session_end(sessions): ends login sessions; every relay closes their live connections (`s`).
-- Tables written: session, change_hint.
CREATE FUNCTION parley._session_end(sessions bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    lines text[];
BEGIN
    WITH ended AS (DELETE FROM parley.session s WHERE s.id = ANY (sessions) RETURNING s.id)
    SELECT array_agg('s ' || e.id ORDER BY e.id) INTO lines FROM ended e;
    PERFORM parley._tell(lines);
END
$$;

-- parley._session_end_all(account, except): ends an account's sessions, all but one (NULL = all).
CREATE FUNCTION parley._session_end_all(account bigint, kept bigint DEFAULT NULL) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM parley._session_end((SELECT array_agg(s.id) FROM parley.session s
                                  WHERE s.account_id = account AND s.id IS DISTINCT FROM kept));
END
$$;

-- parley._account_lock(account, admins): locks an account for a change that ends its sessions; with `admins` also the rows of
-- all active administrators, so that they can be counted.
CREATE FUNCTION parley._account_lock(account bigint, admins boolean DEFAULT false) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM parley.credential k WHERE k.account_id = account FOR NO KEY UPDATE;
    PERFORM FROM parley.session s WHERE s.account_id = account ORDER BY s.id FOR UPDATE;
    PERFORM FROM parley.account a
      WHERE a.id = account OR (admins AND a.admin AND a.deactivated IS NULL) ORDER BY a.id FOR NO KEY UPDATE;
END
$$;
