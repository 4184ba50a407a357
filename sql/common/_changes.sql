-- SPDX-License-Identifier: Apache-2.0
--
-- parley._changes(conversation, since, visible_from, asker, max_rows): what changed in a conversation after a mod, in mod order:
-- one cut over messages, members and the conversation itself, each in its latest state, each read by an index.
--
-- Parameters: c             the conversation's row
--             since         the mod held
--             visible_from  the lowest seq the reader may see (1 = all)
--             asker         the account the answer is for; NULL = everybody (no ref in it)
--             max_rows      at most so many rows, the lowest mods first
-- Returns:    mod, kind ('m' message, 'u' member, 'l' left, 'c' conversation), subject (the sender or the member),
--             ref (of a message) and the members of the event's JSON object, without braces and type.
CREATE FUNCTION parley._changes(c parley.conversation, since bigint, visible_from bigint, asker bigint, max_rows integer)
RETURNS TABLE (mod bigint, kind "char", subject bigint, ref uuid, json text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN QUERY
    SELECT e.mod, e.kind, e.subject, e.ref, e.json FROM (
        (SELECT m.mod, 'm'::"char" AS kind, m.sender_id AS subject, m.ref, parley._message_members(m, asker) AS json
           FROM parley.message m
          WHERE m.store = c.store AND m.conversation_id = c.id AND m.mod > since
            AND m.seq >= greatest(visible_from, c.first_seq)
          ORDER BY m.mod LIMIT max_rows)
        UNION ALL
        (SELECT u.mod, CASE WHEN u.role IS NULL THEN 'l' ELSE 'u' END::"char", u.account_id, NULL, parley._member_members(u)
           FROM parley.membership u
          WHERE u.conversation_id = c.id AND u.mod > since
          ORDER BY u.mod LIMIT max_rows)
        UNION ALL
        SELECT c.changed_mod, 'c', NULL, NULL, '"conversation":' || parley._conversation_json(c)
         WHERE c.changed_mod > since
    ) e ORDER BY e.mod LIMIT max_rows;
END
$$;

-- parley._member_members(u): the members of a `member` or `left` event's JSON object, without braces and type.
CREATE FUNCTION parley._member_members(u parley.membership) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('"conversation":"%s","account":"%s"%s,"mod":%s', u.conversation_id, u.account_id,
                  ',"role":"' || u.role || '"', u.mod);
$$;

-- parley._event_type(kind): the type of the live event for a kind of parley._changes.
CREATE FUNCTION parley._event_type(kind "char") RETURNS text LANGUAGE sql IMMUTABLE
RETURN CASE kind WHEN 'm' THEN 'message' WHEN 'u' THEN 'member' WHEN 'l' THEN 'left' WHEN 'c' THEN 'conversation' END;
