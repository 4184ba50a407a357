-- SPDX-License-Identifier: Apache-2.0

-- parley._reactions_json(conversation, seq, asker): a message's reactions, oldest emoji first: [{emoji, count, accounts}];
-- accounts names at most 100, the asker first.
CREATE FUNCTION parley._reactions_json(conversation bigint, seq bigint, asker bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT '[' || string_agg(format('{"emoji":%s,"count":%s,"accounts":[%s]}', to_json(e.emoji), e.n, e.accounts), ','
                             ORDER BY e.first, e.emoji) || ']'
      FROM (SELECT o.emoji, count(*) AS n, min(o.time) AS first,
                   string_agg('"' || o.account_id || '"', ',' ORDER BY o.place) FILTER (WHERE o.place <= 100) AS accounts
              FROM (SELECT r.emoji, r.account_id, r.time,
                           row_number() OVER (PARTITION BY r.emoji
                                              ORDER BY r.account_id IS DISTINCT FROM asker, r.time, r.account_id) AS place
                      FROM parley.reaction r
                     WHERE r.conversation_id = $1 AND r.seq = $2) o
             GROUP BY o.emoji) e;
$$;

-- parley._message_members(m, asker): the members of a message's JSON object, without the braces, so that an event can put its
-- type before them. What is empty is left out; a deleted message keeps its place and nothing of what it said.
--
-- Parameters: m      the row
--             asker  the account the answer is for: it sees its own ref, and itself first among reactions; NULL = everybody
-- One expression, which becomes part of the caller's query.
CREATE FUNCTION parley._message_members(m parley.message, asker bigint DEFAULT NULL) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT '"conversation":"' || m.conversation_id || '","seq":' || m.seq || ',"mod":' || m.mod || ',"id":"' || m.id
        || CASE WHEN m.sender_id = asker AND m.ref IS NOT NULL THEN '","ref":"' || m.ref ELSE '' END
        || '","sender":"' || m.sender_id || '","time":"' || parley._time(m.time)
        || CASE WHEN m.system THEN '","kind":"system"' ELSE '","kind":"text"' END
        || CASE WHEN m.deleted THEN ',"deleted":true' ELSE
               coalesce(',"body":' || to_json(m.body), '')
            || coalesce(',"reply_to":' || m.reply_to, '')
            || coalesce(',"thread":' || m.thread, '')
            || coalesce(',"edited":"' || parley._time(m.edited) || '"', '')
            || coalesce(',"mentions":["' || array_to_string(m.mentions, '","') || '"]', '')
            || coalesce(',"attachments":' || m.attachments::text, '')
            || coalesce(',"action":' || m.action::text, '')
            || CASE WHEN m.pinned THEN ',"pinned":true' ELSE '' END
            || CASE WHEN m.reactions > 0
                    THEN ',"reactions":' || parley._reactions_json(m.conversation_id, m.seq, asker) ELSE '' END
           END;
$$;
