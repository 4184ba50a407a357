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

-- parley._conversations(account, after, most): the answer of api.groups_conversations. What is found beyond `most` only says that
-- there is more. A row is written after the order is known, so only for what is shown.
CREATE FUNCTION parley._conversations(account bigint, after bigint, most integer) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT format('{"epoch":%s,"account_mod":%s,"conversations":[%s],"more":%s}',
                      (SELECT to_json(e.epoch) FROM parley.epoch e),
                      (SELECT y.account_mod FROM parley.account_sync y WHERE y.account_id = account),
                      string_agg(r.json, ',' ORDER BY r.n) FILTER (WHERE r.n <= most), (count(*) > most)::text)
          FROM (SELECT f.json, row_number() OVER (ORDER BY f.place) AS n
                  FROM (SELECT CASE WHEN after IS NOT NULL THEN c.id ELSE -coalesce(m.id, c.id) END AS place,
                               parley._conversation_text(c, u, m, n.unread, n.mentions, p.members) AS json
                          FROM parley.membership u
                          JOIN parley.conversation c ON c.id = u.conversation_id AND c.deleted IS NULL
                          LEFT JOIN parley.message m ON m.store = c.store AND m.conversation_id = c.id AND m.seq = c.last_seq,
                               parley._unread(c.store, c.id, u.account_id, parley._read_up_to(c, u), c.last_seq) n,
                               parley._peer(c.store, c.id, u.account_id) p
                         WHERE u.account_id = account AND u.role IS NOT NULL AND (after IS NULL OR c.id > after)
                         ORDER BY place LIMIT most + 1) f) r);
END
$$;
