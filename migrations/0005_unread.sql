-- SPDX-License-Identifier: Apache-2.0
--
-- What counting unread messages takes (sql/common/_conversation_json.sql): seq has no gap, so they are those after the marker but
-- for one's own and for what nobody counts, which two small indexes find. A mention of oneself is no row any more.

CREATE INDEX message_own ON parley.message (store, conversation_id, sender_id, seq) WHERE NOT system AND NOT deleted;
CREATE INDEX message_uncounted ON parley.message (store, conversation_id, seq) WHERE system OR deleted;

DELETE FROM parley.mention n USING parley.message m
 WHERE m.conversation_id = n.conversation_id AND m.seq = n.seq AND m.sender_id = n.account_id;
