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

-- parley._read_up_to(c, u): the seq above which messages are unread to a member: the read marker, and not more than 10,000 messages
-- ago, so that who posts for ever and never says `read` costs no more than that.
CREATE FUNCTION parley._read_up_to(c parley.conversation, u parley.membership) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN greatest(u.read_seq, u.visible_from - 1, c.first_seq - 1, c.last_seq - 10000);

-- parley._unread(store, conversation, account, above): messages above a seq, of kind text, not deleted, by others than the
-- account; and its mentions among them. Both are counted to 1,000 at most. One row. Like the next it is to be used in FROM,
-- where it becomes part of the caller's query; taking rows apart inside of it would cost more than the count.
CREATE FUNCTION parley._unread(store smallint, conversation bigint, account bigint, above bigint)
RETURNS TABLE (unread bigint, mentions bigint) LANGUAGE sql STABLE AS $$
    SELECT (SELECT count(*)
              FROM (SELECT FROM parley.message m
                     WHERE m.store = $1 AND m.conversation_id = conversation AND m.seq > above
                       AND m.sender_id <> account AND NOT m.system AND NOT m.deleted
                     LIMIT 1000) x),
           (SELECT count(*)
              FROM (SELECT FROM parley.mention n
                     WHERE n.account_id = account AND n.conversation_id = conversation AND n.seq > above
                       AND (SELECT m.sender_id <> account AND NOT m.deleted FROM parley.message m
                             WHERE m.store = $1 AND m.conversation_id = conversation AND m.seq = n.seq)
                     LIMIT 1000) x);
$$;

-- parley._conversation_row(conversation, account): the whole row of the conversation list for one member: what all see, the
-- counter mod, the member's own place and counts, the last message and, in a direct conversation, the peer's id (one's own in
-- notes to self). Nothing for outsiders.
CREATE FUNCTION parley._conversation_row(conversation bigint, account bigint) RETURNS TABLE (json text)
LANGUAGE sql STABLE AS $$
    SELECT '{' || parley._conversation_members(c)
        || format(',"mod":%s,"last_seq":%s,"read_seq":%s,"unread":%s,"mentions":%s,"last_message":%s,',
                  c.mod, c.last_seq, u.read_seq, n.unread, n.mentions,
                  coalesce((SELECT '{' || parley._message_members(m, account) || '}' FROM parley.message m
                             WHERE m.store = c.store AND m.conversation_id = c.id AND m.seq = c.last_seq
                               AND m.seq >= u.visible_from), 'null'))
        || parley._settings_members(u)
        || CASE c.store WHEN 1 THEN
               format(',"peer":"%s"', coalesce((SELECT min(o.account_id) FROM parley.membership o
                                                 WHERE o.conversation_id = c.id AND o.account_id <> account), account))
           ELSE '' END || '}'
      FROM parley.conversation c
      JOIN parley.membership u ON u.conversation_id = c.id AND u.account_id = account AND u.role IS NOT NULL,
           parley._unread(c.store, c.id, account, parley._read_up_to(c, u)) n
     WHERE c.id = conversation AND c.deleted IS NULL;
$$;
