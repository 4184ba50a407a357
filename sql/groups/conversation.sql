-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_conversation(token, conversation): one row of the caller's list.
--
-- Returns: {"conversation": row}
-- Raises:  unauthenticated, password_change, not_found, not_a_member
CREATE FUNCTION api.groups_conversation(token bytea, conversation bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
BEGIN
    RETURN parley._conversation_answer(conversation, me.account_id);
END
$$;
