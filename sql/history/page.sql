-- SPDX-License-Identifier: Apache-2.0
--
-- api.history_page(…): a page of a conversation's messages, oldest first.
--
-- Parameters: before, after, around  a seq, 0 too; at most one of them; none = the newest
--             most  rows
-- Returns: {"messages": [message …], "mod", "first_seq", "last_seq", "more_before", "more_after"}, one snapshot
-- Raises:  unauthenticated, password_change, not_found, not_a_member
CREATE FUNCTION api.history_page(token bytea, conversation bigint, before bigint, after bigint, around bigint, most integer)
RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
BEGIN
    RETURN parley._history(conversation, me.account_id, before, after, around, most);
END
$$;

-- parley._history(conversation, account, before, after, around, most): the answer of api.history_page. No seq is missing
-- between the lowest a member may see and last_seq, so a page is a range of seqs and needs no look beyond its ends.
-- Raises: not_found, not_a_member.
CREATE FUNCTION parley._history(conversation bigint, account bigint, before bigint, after bigint, around bigint, most integer)
RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    u      parley.membership := parley._member(conversation, account);
    c      parley.conversation;
    lowest bigint;
    low    bigint;
    high   bigint;
BEGIN
    SELECT * INTO c FROM parley.conversation x WHERE x.id = conversation;
    lowest := greatest(c.first_seq, u.visible_from);
    IF after IS NOT NULL THEN
        low := greatest(after + 1, lowest);
        high := least(low + most - 1, c.last_seq);
    ELSE
        high := CASE WHEN around IS NOT NULL THEN greatest(around - most / 2, lowest) + most - 1
                     ELSE coalesce(before - 1, c.last_seq) END;
        high := least(high, c.last_seq);
        low := greatest(high - most + 1, lowest);
    END IF;
    RETURN (SELECT format('{"messages":[%s],"mod":%s,"first_seq":%s,"last_seq":%s,"more_before":%s,"more_after":%s}',
                          string_agg('{' || parley._message_members(m, account) || '}', ',' ORDER BY m.seq),
                          c.mod, c.first_seq, c.last_seq,
                          (least(low, c.last_seq + 1) > lowest)::text, (greatest(high, lowest - 1) < c.last_seq)::text)
              FROM parley.message m
             WHERE m.store = c.store AND m.conversation_id = c.id AND m.seq BETWEEN low AND high);
END
$$;
