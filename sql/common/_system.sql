-- SPDX-License-Identifier: Apache-2.0
--
-- parley._system(c, actor, action): a system message (a join, a leave, a new title) in a group whose row the caller has locked.
--
-- Parameters: c       the locked conversation; the returned row has its next seq and mod
--             actor   the account that did it
--             action  {"type": "joined" | "added" | "left" | "removed" | "role" | "title" | …, …}
-- Returns: the conversation's row with the new counters, which the caller writes.
-- Tables written: message.
CREATE FUNCTION parley._system(c parley.conversation, actor bigint, action jsonb) RETURNS parley.conversation
LANGUAGE plpgsql AS $$
BEGIN
    c.last_seq := c.last_seq + 1;
    c.mod := c.mod + 1;
    INSERT INTO parley.message (store, conversation_id, seq, mod, id, sender_id, time, system, action)
        VALUES (c.store, c.id, c.last_seq, c.mod, parley._id(), actor, parley._now(), true, action);
    RETURN c;
END
$$;
