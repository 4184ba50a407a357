-- SPDX-License-Identifier: Apache-2.0
--
-- parley._change_message(…): one change of a stored message, under its conversation's lock; part of parley._post.
--
-- Parameters: c, m      the locked conversation (its next mod is c.mod + 1) and the message as stored
--             mine      the caller's role
--             kind      'edit', 'delete', 'react', 'unreact', 'pin', 'unpin'
--             body      edit: the new text; react, unreact: the emoji
--             base      the mod the change was based on, or NULL
--             mentions  edit: as in parley._post
-- Returns: NULL = changed and written with mod c.mod + 1; 'same' = already so, nothing written; else the name of a problem.
-- Tables written: message, mention, reaction.
CREATE FUNCTION parley._change_message(c parley.conversation, m parley.message, mine text, kind text, account bigint,
                                       body text, base bigint, mentions text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    own   boolean := m.sender_id = account AND NOT m.system;
    chief boolean := c.store = 2 AND mine IN ('admin', 'owner');
    was   bigint[] := m.mentions;
    n     integer;
BEGIN
    -- Rights first: what state a message is in changes nothing about them.
    IF NOT (CASE kind
            WHEN 'edit' THEN own
            WHEN 'delete' THEN own OR (chief AND NOT m.system)
            WHEN 'pin' THEN chief OR c.store = 1
            WHEN 'unpin' THEN chief OR c.store = 1
            ELSE true
            END) THEN
        RETURN 'forbidden';
    ELSIF kind IN ('edit', 'delete') AND base <> m.mod THEN
        RETURN 'conflict';
    ELSIF m.deleted THEN
        RETURN CASE kind WHEN 'delete' THEN 'same' ELSE 'deleted' END;
    END IF;
    CASE kind
    WHEN 'edit' THEN
        IF m.body = body THEN
            RETURN 'same';
        END IF;
        m.body := body;
        m.edited := parley._now();
        m.mentions := parley._mentioned(c.id, mentions);
        PERFORM parley._store_mentions(m, was);
    WHEN 'delete' THEN
        m.deleted := true;
        m.body := NULL;
        m.edited := NULL;
        m.mentions := NULL;
        m.attachments := NULL;
        m.pinned := false;
        m.reactions := 0;
        PERFORM parley._store_mentions(m, was);
        DELETE FROM parley.reaction r WHERE r.conversation_id = c.id AND r.seq = m.seq;
    WHEN 'react' THEN
        IF (SELECT count(*) >= 20 AND NOT bool_or(e.emoji = body)
              FROM (SELECT DISTINCT r.emoji FROM parley.reaction r WHERE r.conversation_id = c.id AND r.seq = m.seq) e) THEN
            RETURN 'too_many_reactions';
        END IF;
        INSERT INTO parley.reaction VALUES (c.id, m.seq, body, account, parley._now()) ON CONFLICT DO NOTHING;
        GET DIAGNOSTICS n = ROW_COUNT;
        m.reactions := m.reactions + n;
    WHEN 'unreact' THEN
        DELETE FROM parley.reaction r
         WHERE r.conversation_id = c.id AND r.seq = m.seq AND r.emoji = body AND r.account_id = account;
        GET DIAGNOSTICS n = ROW_COUNT;
        m.reactions := m.reactions - n;
    WHEN 'pin', 'unpin' THEN
        n := CASE WHEN m.pinned = (kind = 'pin') THEN 0 ELSE 1 END;
        m.pinned := kind = 'pin';
    END CASE;
    IF n = 0 THEN
        RETURN 'same';
    END IF;
    UPDATE parley.message x
       SET mod = c.mod + 1, body = m.body, edited = m.edited, deleted = m.deleted, pinned = m.pinned,
           mentions = m.mentions, attachments = m.attachments, reactions = m.reactions
     WHERE x.store = m.store AND x.conversation_id = m.conversation_id AND x.seq = m.seq;
    RETURN NULL;
END
$$;

-- parley._store_mentions(m, was): make the mention rows of a message, which were those of `was`, those it now has.
-- Tables written: mention.
CREATE FUNCTION parley._store_mentions(m parley.message, was bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM parley.mention n
     WHERE n.account_id = ANY (was) AND n.conversation_id = m.conversation_id AND n.seq = m.seq;
    INSERT INTO parley.mention SELECT a, m.conversation_id, m.seq FROM unnest(m.mentions) a WHERE a <> m.sender_id;
END
$$;
