-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_join(token, conversation): the caller joins a public group; who is in the group already stays as is.
--
-- Returns: {"conversation": row}
-- Raises:  unauthenticated, password_change, not_found (unknown, private or deleted), archived
-- Locks:   the conversation, the membership, account_sync.
-- Tables written: membership, account_sync, message (`joined`), conversation, change_hint.
CREATE FUNCTION api.groups_join(token bytea, conversation bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
    c  parley.conversation;
BEGIN
    SELECT * INTO c FROM parley.conversation x
     WHERE x.id = conversation AND x.store = 2 AND x.deleted IS NULL FOR NO KEY UPDATE;
    IF NOT EXISTS (SELECT FROM parley._conversation_row(c.id, me.account_id)) THEN
        IF c.id IS NULL OR c.visibility <> 'public' THEN
            PERFORM parley._fail('not_found', 'There is no such public group.');
        ELSIF c.archived IS NOT NULL THEN
            PERFORM parley._fail('archived');
        END IF;
        PERFORM parley._take_in(c, ARRAY[me.account_id], 'member', me.account_id, 'joined');
    END IF;
    RETURN parley._conversation_answer(conversation, me.account_id);
END
$$;
