-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_get(token, conversation): a group: to a member its row, to others, if it is public, what everybody sees.
--
-- Returns: {"conversation": …}
-- Raises:  unauthenticated, password_change, not_found (also a direct conversation)
CREATE FUNCTION api.groups_get(token bytea, conversation bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me     record := parley._session(token);
    answer text;
BEGIN
    SELECT coalesce((SELECT r.json FROM parley._conversation_row(c.id, me.account_id) r),
                    CASE c.visibility WHEN 'public' THEN parley._group_json(c, me.account_id) END) INTO answer
      FROM parley.conversation c WHERE c.id = conversation AND c.store = 2 AND c.deleted IS NULL;
    IF answer IS NULL THEN
        PERFORM parley._fail('not_found', 'There is no such group, or you are not in it.');
    END IF;
    RETURN '{"conversation":' || answer || '}';
END
$$;
