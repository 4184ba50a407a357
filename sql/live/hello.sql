-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_hello(token): who a live session is, and where it stands: one call a `hello`, however many conversations.
--
-- Parameters: token  the hash of the session's token
-- Returns one row, no row when the token is no longer good:
--   session_id, account_id  the login session and its account
--   must_change     the account must change its password first (close 1008)
--   account         the account as in `welcome`, JSON
--   account_mod     the account's change counter
--   epoch           the database's timeline
--   conversations, mods   the conversations the account is in, ascending, and each one's mod, in this call's snapshot
--   smalls          whether receipts and typing are told live there (members_count <= small_max)
--   status_state    what the person chose: 'online', 'dnd', 'invisible'
--   time            the database's clock, RFC 3339
-- Tables written: session.last_seen, at most every five minutes.
CREATE FUNCTION api.live_hello(token bytea, small_max integer)
RETURNS TABLE (session_id bigint, account_id bigint, must_change boolean, account text, account_mod bigint, epoch text,
               conversations bigint[], mods bigint[], smalls boolean[], status_state text, "time" text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s record;
BEGIN
    SELECT * INTO s FROM parley._session_find(token);
    IF NOT FOUND THEN
        RETURN;
    ELSIF s.stale THEN
        UPDATE parley.session x SET last_seen = parley._now() WHERE x.id = s.session_id;
    END IF;
    RETURN QUERY
    SELECT s.session_id, a.id, s.must_change, parley._account_json(a), y.account_mod,
           (SELECT e.epoch FROM parley.epoch e), coalesce(v.ids, '{}'), coalesce(v.mods, '{}'), coalesce(v.smalls, '{}'),
           a.status_state, parley._time(parley._now())
      FROM parley.account a
      JOIN parley.account_sync y ON y.account_id = a.id
      LEFT JOIN LATERAL (
          SELECT array_agg(c.id ORDER BY c.id) AS ids, array_agg(c.mod ORDER BY c.id) AS mods,
                 array_agg(c.members_count <= small_max ORDER BY c.id) AS smalls
            FROM parley.membership u JOIN parley.conversation c ON c.id = u.conversation_id
           WHERE u.account_id = a.id AND u.role IS NOT NULL AND c.deleted IS NULL) v ON true
     WHERE a.id = s.account_id;
END
$$;
