-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_conversations(token, after, most): the conversations the caller is in.
--
-- Parameters: after  NULL = the newest activity first (the last message, else when it was made); else in the order of ids,
--                    those above it, from 0 on
--             most   rows
-- Returns:    {"epoch", "account_mod", "conversations": [row …], "more"}, one snapshot
-- Raises:     unauthenticated, password_change
-- Tables written: session.last_seen (as every function that takes a token; not said again elsewhere).
CREATE FUNCTION api.groups_conversations(token bytea, after bigint, most integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
BEGIN
    RETURN parley._conversations(me.account_id, after, most);
END
$$;

-- parley._conversations(account, after, most): the answer of api.groups_conversations.
CREATE FUNCTION parley._conversations(account bigint, after bigint, most integer) RETURNS text LANGUAGE sql STABLE AS $$
    WITH mine AS (
        SELECT c, u, CASE WHEN after IS NULL THEN -coalesce(m.id, c.id) ELSE c.id END AS place
          FROM parley.membership u
          JOIN parley.conversation c ON c.id = u.conversation_id
          LEFT JOIN parley.message m ON after IS NULL AND m.store = c.store AND m.conversation_id = c.id AND m.seq = c.last_seq
         WHERE u.account_id = account AND u.role IS NOT NULL AND c.deleted IS NULL AND (after IS NULL OR c.id > after)
         ORDER BY place LIMIT most + 1
    ), page AS (
        SELECT * FROM mine ORDER BY place LIMIT most
    )
    SELECT format('{"epoch":%s,"account_mod":%s,"conversations":[%s],"more":%s}',
                  (SELECT to_json(e.epoch) FROM parley.epoch e),
                  (SELECT y.account_mod FROM parley.account_sync y WHERE y.account_id = account),
                  (SELECT string_agg(parley._conversation_row(p.c, p.u), ',' ORDER BY p.place) FROM page p),
                  (SELECT count(*) > most FROM mine)::text);
$$;
