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

-- parley._unread(store, conversation, account, above, last): messages above a seq up to the conversation's last, of kind text, not
-- deleted, by others than the account; and its mentions among them; both up to 1,000. One row. seq has no gap, so what is not
-- unread is counted and taken off. Like the next it is to be used in FROM, where it becomes part of the caller's query; taking
-- rows apart inside of it would cost more than the count.
CREATE FUNCTION parley._unread(store smallint, conversation bigint, account bigint, above bigint, last bigint)
RETURNS TABLE (unread bigint, mentions bigint) LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN above >= last THEN 0 ELSE least(1000, last - above
               - (SELECT count(*) FROM parley.message m
                   WHERE m.store = $1 AND m.conversation_id = conversation AND m.seq > above AND (m.system OR m.deleted))
               - (SELECT count(*) FROM parley.message m
                   WHERE m.store = $1 AND m.conversation_id = conversation AND m.sender_id = account AND m.seq > above
                     AND NOT m.system AND NOT m.deleted)) END,
           CASE WHEN above >= last THEN 0 ELSE
               (SELECT count(*)
                  FROM (SELECT FROM parley.mention n
                         WHERE n.account_id = account AND n.conversation_id = conversation AND n.seq > above LIMIT 1000) x) END;
$$;

-- parley._peer(store, conversation, account): in a direct conversation the other's id (one's own in notes to self), as members of
-- the conversation's row; in a group nothing. One row.
CREATE FUNCTION parley._peer(store smallint, conversation bigint, account bigint) RETURNS TABLE (members text)
LANGUAGE sql STABLE AS $$
    SELECT CASE $1 WHEN 1 THEN
               ',"peer":"' || coalesce((SELECT min(o.account_id) FROM parley.membership o
                                         WHERE o.conversation_id = conversation AND o.account_id <> account), account) || '"'
           ELSE '' END;
$$;

-- parley._conversation_text(c, u, m, unread, mentions, peer): the whole row of the conversation list for one member: what all see,
-- the counter mod, the member's own place and counts, the last message (if the member may see it) and the peer.
CREATE FUNCTION parley._conversation_text(c parley.conversation, u parley.membership, m parley.message, unread bigint,
                                          mentions bigint, peer text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT '{' || parley._conversation_members(c) || ',"mod":' || c.mod || ',"last_seq":' || c.last_seq
        || ',"read_seq":' || u.read_seq || ',"unread":' || unread || ',"mentions":' || mentions || ',"last_message":'
        || CASE WHEN m.seq >= u.visible_from THEN '{' || parley._message_members(m, u.account_id) || '}' ELSE 'null' END
        || ',' || parley._settings_members(u) || peer || '}';
$$;

-- parley._conversation_row(conversation, account): one row of the list. Nothing for outsiders. The last message is looked for apart (OFFSET 0): in a
-- join its conversation is asked for twice, and taken for so rare that any index seems to do.
CREATE FUNCTION parley._conversation_row(conversation bigint, account bigint) RETURNS TABLE (json text)
LANGUAGE sql STABLE AS $$
    SELECT parley._conversation_text(c, u, l.m, n.unread, n.mentions, p.members)
      FROM parley.membership u
      JOIN parley.conversation c ON c.id = u.conversation_id AND c.deleted IS NULL
      LEFT JOIN LATERAL (SELECT m FROM parley.message m
                          WHERE m.store = c.store AND m.conversation_id = c.id AND m.seq = c.last_seq OFFSET 0) l ON true,
           parley._unread(c.store, c.id, u.account_id, parley._read_up_to(c, u), c.last_seq) n,
           parley._peer(c.store, c.id, u.account_id) p
     WHERE u.conversation_id = conversation AND u.account_id = account AND u.role IS NOT NULL;
$$;
