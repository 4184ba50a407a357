-- SPDX-License-Identifier: Apache-2.0
--
-- What a deleted group leaves behind, taken away in slices: its members, then what was said. The group's own row and who was
-- in it stay: by them a device that comes back after months learns that it left.

-- parley._disband(c, most): members of a deleted group whose row the caller has locked, the first so many by account, are members
-- no longer, all with the one mod of the deletion. Each is told of itself alone: every one to every other would be a million
-- events.
-- Returns: the conversation with the new members_count, which the caller stores; lines to tell, NULL = nobody was left.
-- Locks:   memberships ascending, account_sync ascending. Tables written: membership, account_sync.
CREATE FUNCTION parley._disband(was parley.conversation, most integer, OUT c parley.conversation, OUT lines text[])
LANGUAGE plpgsql AS $$
DECLARE
    gone bigint[] := ARRAY(SELECT u.account_id FROM parley.membership u
                            WHERE u.conversation_id = was.id AND u.role IS NOT NULL
                            ORDER BY u.account_id LIMIT most FOR NO KEY UPDATE);
BEGIN
    c := was;
    WITH mods AS (
        SELECT * FROM parley._account_mods(gone)
    ), went AS (
        UPDATE parley.membership u SET role = NULL, mod = c.mod, account_mod = n.account_mod
          FROM mods n WHERE u.conversation_id = c.id AND u.account_id = n.account_id
    )
    SELECT array_agg(concat_ws(' ', 'a', n.account_id, n.account_mod) ORDER BY n.account_id) INTO lines FROM mods n;
    c.members_count := c.members_count - cardinality(gone);
END
$$;

-- parley._group_delete(members, messages): the next slice of one job `group_delete` {"conversation"}: so many members or, when
-- none is left, so many messages with their reactions and mentions; then the job is done.
-- Returns: whether there was something to do.
-- Locks:   the job, then as parley._disband. Tables written: job, conversation, membership, account_sync, change_hint, message,
--          mention, reaction.
CREATE FUNCTION parley._group_delete(members integer DEFAULT 1000, messages integer DEFAULT 5000) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    work parley.job;
    d    record;
    c    parley.conversation;
BEGIN
    SELECT * INTO work FROM parley.job x
     WHERE x.kind = 'group_delete' AND x.due <= clock_timestamp() ORDER BY x.due LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    SELECT * INTO c FROM parley.conversation x WHERE x.id = (work.detail ->> 'conversation')::bigint FOR NO KEY UPDATE;
    d := parley._disband(c, members);
    IF d.lines IS NOT NULL THEN
        PERFORM parley._store(d.c);
        PERFORM parley._tell(d.lines);
        RETURN true;
    END IF;
    WITH gone AS (
        DELETE FROM parley.message m
         WHERE m.store = 2 AND m.conversation_id = c.id
           AND m.seq < (SELECT min(x.seq) + messages FROM parley.message x WHERE x.store = 2 AND x.conversation_id = c.id)
        RETURNING m.seq, m.mentions
    ), reacted AS (
        DELETE FROM parley.reaction r USING gone g WHERE r.conversation_id = c.id AND r.seq = g.seq
    )
    DELETE FROM parley.mention n USING gone g
     WHERE n.account_id = ANY (g.mentions) AND n.conversation_id = c.id AND n.seq = g.seq;
    IF NOT EXISTS (SELECT FROM parley.message m WHERE m.store = 2 AND m.conversation_id = c.id) THEN
        DELETE FROM parley.job x WHERE x.id = work.id;
    END IF;
    RETURN true;
END
$$;
