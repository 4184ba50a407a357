-- SPDX-License-Identifier: Apache-2.0
--
-- parley._retain(groups, messages): takes away what groups keep no longer (conversation.retention_days), with its reactions and
-- mentions: from the bottom, so many messages of so many groups at most. first_seq rises and takes one mod, which tells clients.
-- Returns: whether it stopped at a bound: there may be more.
-- Locks:   the conversations, ascending; one that is locked is left for the next time.
-- Tables written: message, reaction, mention, conversation, change_hint.
CREATE FUNCTION parley._retain(groups integer DEFAULT 100, messages integer DEFAULT 2000) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    c     parley.conversation;
    old   timestamptz;
    first bigint;
    lines text[] := '{}';
BEGIN
    FOR c IN SELECT x.* FROM parley.conversation x
              WHERE x.retention_days IS NOT NULL AND x.deleted IS NULL
                AND (SELECT m.time FROM parley.message m WHERE m.store = 2 AND m.conversation_id = x.id AND m.seq = x.first_seq)
                    < clock_timestamp() - make_interval(days => x.retention_days)
              ORDER BY x.id LIMIT groups FOR NO KEY UPDATE SKIP LOCKED
    LOOP
        EXIT WHEN messages = 0;
        old := clock_timestamp() - make_interval(days => c.retention_days);
        SELECT coalesce(min(m.seq) FILTER (WHERE m.time >= old), max(m.seq) + 1) INTO first
          FROM (SELECT x.seq, x.time FROM parley.message x
                 WHERE x.store = 2 AND x.conversation_id = c.id AND x.seq >= c.first_seq ORDER BY x.seq LIMIT messages) m;
        WITH gone AS (
            DELETE FROM parley.message m
             WHERE m.store = 2 AND m.conversation_id = c.id AND m.seq >= c.first_seq AND m.seq < first
            RETURNING m.seq, m.mentions
        ), reacted AS (
            DELETE FROM parley.reaction r USING gone g WHERE r.conversation_id = c.id AND r.seq = g.seq
        )
        DELETE FROM parley.mention n USING gone g
         WHERE n.account_id = ANY (g.mentions) AND n.conversation_id = c.id AND n.seq = g.seq;
        messages := messages - (first - c.first_seq)::integer;
        c.first_seq := first;
        c := parley._touch(c);
        PERFORM parley._store(c);
        lines := lines || concat_ws(' ', 'c', c.id, c.mod);
    END LOOP;
    PERFORM parley._tell(lines);
    RETURN messages = 0 OR cardinality(lines) = groups;
END
$$;
