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
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
    me record := parley._session(token);
BEGIN
    RETURN parley._conversations(me.account_id, after, most);
END
$$;

-- parley._conversations(account, after, most): the answer of api.groups_conversations. Messages are found by subqueries: a
-- join may read every one while statistics are those of an empty table.
CREATE FUNCTION parley._conversations(account bigint, after bigint, most integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        WITH mine AS (
            SELECT c.id, CASE WHEN after IS NOT NULL THEN c.id
                              ELSE -coalesce((SELECT m.id FROM parley.message m WHERE m.store = c.store
                                                 AND m.conversation_id = c.id AND m.seq = c.last_seq), c.id) END AS place
              FROM parley.membership u
              JOIN parley.conversation c ON c.id = u.conversation_id
             WHERE u.account_id = account AND u.role IS NOT NULL AND c.deleted IS NULL AND (after IS NULL OR c.id > after)
             ORDER BY place LIMIT most + 1
        ), page AS (
            SELECT * FROM mine ORDER BY place LIMIT most
        )
        SELECT format('{"epoch":%s,"account_mod":%s,"conversations":[%s],"more":%s}',
                      (SELECT to_json(e.epoch) FROM parley.epoch e),
                      (SELECT y.account_mod FROM parley.account_sync y WHERE y.account_id = account),
                      (SELECT string_agg(r.json, ',' ORDER BY p.place) FROM page p, parley._conversation_row(p.id, account) r),
                      (SELECT count(*) > most FROM mine)::text));
END
$$;
