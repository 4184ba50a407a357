-- SPDX-License-Identifier: Apache-2.0

-- parley._conversation_members(c): what a conversation is to everybody in it, as members of a JSON object without braces.
CREATE FUNCTION parley._conversation_members(c parley.conversation) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('"id":"%s","kind":"%s","changed_mod":%s,"first_seq":%s,"members_count":%s,"created":"%s"', c.id,
                  CASE c.store WHEN 1 THEN 'direct' ELSE 'group' END, c.changed_mod, c.first_seq, c.members_count,
                  parley._time(c.created))
        || CASE WHEN c.store = 1 THEN '' ELSE
               format(',"title":%s,"topic":%s,"avatar":%s,"visibility":"%s","retention_days":%s,"archived":%s,"created_by":"%s"',
                      to_json(c.title), coalesce(to_json(c.topic)::text, 'null'), coalesce(to_json(c.avatar)::text, 'null'),
                      c.visibility, coalesce(c.retention_days::text, 'null'),
                      (c.archived IS NOT NULL)::text, c.created_by) END;
$$;

-- parley._conversation_json(c): the conversation to everybody in it, as in a `conversation` event about its own change.
CREATE FUNCTION parley._conversation_json(c parley.conversation) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT '{' || parley._conversation_members(c) || '}';
$$;

-- parley._settings_members(u): what a conversation is to one member: place, settings, draft; JSON members without braces.
CREATE FUNCTION parley._settings_members(u parley.membership) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('"my_role":"%s","visible_from":%s,"received_seq":%s,"notify":"%s","muted_until":%s,"favourite":%s,"draft":%s',
                  u.role, u.visible_from, u.received_seq, u.notify, coalesce('"' || parley._time(u.muted_until) || '"', 'null'),
                  u.favourite::text, coalesce(to_json(u.draft)::text, 'null'));
$$;

-- parley._unread(c, u): messages above the member's read marker, of kind text, not deleted, by others; and the mentions among
-- them. Both are counted to 1,000 at most, and among the newest 10,000 messages: who posts for ever and never says `read` costs
-- no more than that.
CREATE FUNCTION parley._unread(c parley.conversation, u parley.membership, OUT unread integer, OUT mentions integer)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    above bigint := greatest(u.read_seq, u.visible_from - 1, c.first_seq - 1, c.last_seq - 10000);
BEGIN
    unread := 0;
    mentions := 0;
    IF above >= c.last_seq THEN
        RETURN;
    END IF;
    SELECT count(*) INTO unread FROM (
        SELECT 1 FROM parley.message m
         WHERE m.store = c.store AND m.conversation_id = c.id AND m.seq > above
           AND m.sender_id <> u.account_id AND NOT m.system AND NOT m.deleted
         LIMIT 1000) x;
    IF unread > 0 THEN
        SELECT count(*) INTO mentions FROM (
            SELECT 1 FROM parley.mention n
              JOIN parley.message m ON m.store = c.store AND m.conversation_id = c.id AND m.seq = n.seq
             WHERE n.account_id = u.account_id AND n.conversation_id = c.id AND n.seq > above
               AND m.sender_id <> u.account_id AND NOT m.deleted
             LIMIT 1000) x;
    END IF;
END
$$;

-- parley._conversation_row(c, u): the whole row of the conversation list for one member: what all see, the counter mod, the
-- member's own place and counts, the last message and, in a direct conversation, the peer's id (one's own in notes to self).
CREATE FUNCTION parley._conversation_row(c parley.conversation, u parley.membership) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    counts record;
    last   text;
    peer   text;
BEGIN
    SELECT * INTO counts FROM parley._unread(c, u);
    SELECT '{' || parley._message_members(m, u.account_id) || '}' INTO last
      FROM parley.message m
     WHERE m.store = c.store AND m.conversation_id = c.id AND m.seq = c.last_seq AND m.seq >= u.visible_from;
    IF c.store = 1 THEN
        SELECT ',"peer":"' || coalesce(min(o.account_id), u.account_id) || '"' INTO peer
          FROM parley.membership o WHERE o.conversation_id = c.id AND o.account_id <> u.account_id;
    END IF;
    RETURN '{' || parley._conversation_members(c)
        || format(',"mod":%s,"last_seq":%s,"read_seq":%s,"unread":%s,"mentions":%s,"last_message":%s,',
                  c.mod, c.last_seq, u.read_seq, counts.unread, counts.mentions, coalesce(last, 'null'))
        || parley._settings_members(u) || coalesce(peer, '') || '}';
END
$$;
