-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_markers(account, small_max, most, skip, max_rows): where the other members are, in the account's most recently active small
-- conversations: what a session is told after `ready`.
--
-- Parameters: account    the session's account
--             small_max  receipts_max_members: larger conversations tell no receipts
--             most       of how many conversations
--             skip, max_rows  a page of the answer; all of it when they are not given
-- Returns:    the conversation and its `read` and `received` events, JSON, the most recently active conversation first; none for a marker at 0
CREATE FUNCTION api.live_markers(account bigint, small_max integer, most integer,
                                 skip integer DEFAULT 0, max_rows integer DEFAULT NULL)
RETURNS TABLE (conversation bigint, event text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH recent AS MATERIALIZED (
        SELECT c.id, coalesce(m.id, c.id) AS activity
          FROM parley.membership u
          JOIN parley.conversation c ON c.id = u.conversation_id
          LEFT JOIN parley.message m ON m.store = c.store AND m.conversation_id = c.id AND m.seq = c.last_seq
         WHERE u.account_id = account AND u.role IS NOT NULL AND c.deleted IS NULL AND c.members_count <= small_max
         ORDER BY activity DESC LIMIT most
    )
    SELECT r.id, format('{"type":"%s","conversation":"%s","account":"%s","seq":%s}', e.type, o.conversation_id, o.account_id, e.seq)
      FROM recent r
      JOIN parley.membership o ON o.conversation_id = r.id AND o.account_id <> account AND o.role IS NOT NULL
     CROSS JOIN LATERAL (VALUES ('read', o.read_seq), ('received', o.received_seq)) AS e (type, seq)
     WHERE e.seq > 0
     ORDER BY r.activity DESC, o.account_id, e.type OFFSET skip LIMIT max_rows;
$$;
