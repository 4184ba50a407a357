-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_delete(token, conversation): deletes a group. From the commit on nobody sees it, by any path. The members of a group
-- of up to 1,000 are told `left` at once, each of itself alone (every one to every other would be a million events); the rest,
-- and removing its rows, is the job `group_delete` {"conversation"}.
--
-- Returns: NULL
-- Raises:  unauthenticated, password_change, not_found, not_a_member, not_a_group, forbidden
-- Locks:   the conversation, memberships ascending, account_sync ascending.
-- Tables written: conversation, membership (all with the one mod of the deletion), account_sync, job, change_hint.
CREATE FUNCTION api.groups_delete(token bytea, conversation bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me    record := parley._session(token);
    c     parley.conversation;
    gone  bigint[];
    lines text[];
BEGIN
    c := parley._lock_group(conversation, me.account_id, 'owner');
    c.mod := c.mod + 1;
    c.deleted := parley._now();
    gone := ARRAY(SELECT u.account_id FROM parley.membership u
                   WHERE u.conversation_id = c.id AND u.role IS NOT NULL AND c.members_count <= 1000
                   ORDER BY u.account_id FOR NO KEY UPDATE);
    WITH mods AS (
        SELECT * FROM parley._account_mods(gone)
    ), went AS (
        UPDATE parley.membership u SET role = NULL, mod = c.mod, account_mod = n.account_mod
          FROM mods n WHERE u.conversation_id = c.id AND u.account_id = n.account_id
    )
    SELECT array_agg(concat_ws(' ', 'a', n.account_id, n.account_mod) ORDER BY n.account_id) INTO lines FROM mods n;
    c.members_count := c.members_count - cardinality(gone);
    PERFORM parley._store(c);
    INSERT INTO parley.job VALUES (parley._id(), 'group_delete', c.deleted, jsonb_build_object('conversation', c.id::text));
    PERFORM parley._tell(concat_ws(' ', 'c', c.id, c.mod) || lines);
    RETURN NULL;
END
$$;
