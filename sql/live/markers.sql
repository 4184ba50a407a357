-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_markers(accounts, skips, small_max, most, max_rows): where the other members are, in each account's most recently
-- active small conversations: what sessions are told after `ready`.
--
-- Parameters: accounts   the sessions' accounts
--             skips      how many events of its answer each has already
--             small_max  receipts_max_members: larger conversations tell no receipts
--             most       of how many conversations
--             max_rows   a page of an account's answer
-- Returns:    item   which account, from 1, ascending
--             conversation, event  its `read` and `received` events, JSON, the most recently active conversation first; none for a
--                    marker at 0
-- The last message is found by a subquery: a join may read every message while statistics are those of an empty table.
CREATE FUNCTION api.live_markers(accounts bigint[], skips integer[], small_max integer, most integer, max_rows integer)
RETURNS TABLE (item bigint, conversation bigint, event text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT t.item, p.conversation, p.event
      FROM unnest(accounts, skips) WITH ORDINALITY AS t (account, skip, item)
     CROSS JOIN LATERAL (
          SELECT r.id AS conversation,
                 format('{"type":"%s","conversation":"%s","account":"%s","seq":%s}', e.type, o.conversation_id, o.account_id,
                        e.seq) AS event, row_number() OVER (ORDER BY r.activity DESC, o.account_id, e.type) AS place
            FROM (SELECT c.id, coalesce((SELECT m.id FROM parley.message m WHERE m.store = c.store
                                            AND m.conversation_id = c.id AND m.seq = c.last_seq), c.id) AS activity
                    FROM parley.membership u
                    JOIN parley.conversation c ON c.id = u.conversation_id
                   WHERE u.account_id = t.account AND u.role IS NOT NULL AND c.deleted IS NULL AND c.members_count <= small_max
                     AND c.last_seq > 0
                   ORDER BY activity DESC LIMIT most) r
            JOIN parley.membership o ON o.conversation_id = r.id AND o.account_id <> t.account AND o.role IS NOT NULL
           CROSS JOIN LATERAL (VALUES ('read', o.read_seq), ('received', o.received_seq)) AS e (type, seq)
           WHERE e.seq > 0
           ORDER BY place OFFSET t.skip LIMIT max_rows) p
     ORDER BY t.item, p.place;
END
$$;
