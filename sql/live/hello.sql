-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_hello(tokens): who live sessions are, and where they stand: one call for all that say `hello` at a time, however
-- many conversations they are in.
--
-- Parameters: tokens  the hashes of the sessions' tokens
-- Returns one row a token that is still good, in the order given:
--   item            which token, from 1
--   session_id, account_id  the login session and its account
--   must_change     the account must change its password first (close 1008)
--   account         the account as in `welcome`, JSON
--   account_mod     the account's change counter
--   epoch           the database's timeline
--   conversations, mods   the conversations the account is in, ascending, and each one's mod, in this call's snapshot
--   time            the database's clock, RFC 3339
-- Tables written: session.last_seen, at most every five minutes; not of one that somebody else just writes.
-- Every table is reached by its index, whatever statistics say of a young database.
CREATE FUNCTION api.live_hello(tokens bytea[])
RETURNS TABLE (item bigint, session_id bigint, account_id bigint, must_change boolean, account text, account_mod bigint,
               epoch text, conversations bigint[], mods bigint[], "time" text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    UPDATE parley.session x SET last_seen = parley._now()
     WHERE x.id IN (SELECT s.id FROM parley.session s
                     WHERE s.token_hash = ANY (tokens) AND s.last_seen < clock_timestamp() - interval '5 minutes'
                       AND parley._session_expires(s) > clock_timestamp()
                       FOR NO KEY UPDATE SKIP LOCKED);
    RETURN QUERY
    SELECT t.item, s.session_id, a.id, s.must_change, parley._account_json(a), y.account_mod,
           (SELECT e.epoch FROM parley.epoch e), coalesce(v.ids, '{}'), coalesce(v.mods, '{}'), parley._time(parley._now())
      FROM unnest(tokens) WITH ORDINALITY AS t (token, item)
     CROSS JOIN LATERAL parley._session_find(t.token) s
      JOIN parley.account a ON a.id = s.account_id
      JOIN parley.account_sync y ON y.account_id = a.id
      LEFT JOIN LATERAL (
          SELECT array_agg(c.id ORDER BY c.id) AS ids, array_agg(c.mod ORDER BY c.id) AS mods
            FROM parley.membership u JOIN parley.conversation c ON c.id = u.conversation_id
           WHERE u.account_id = a.id AND u.role IS NOT NULL AND c.deleted IS NULL) v ON true
     ORDER BY t.item;
END
$$;
