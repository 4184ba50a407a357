-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_delete(token, conversation): deletes a group. From the commit on nobody sees it, by any path. The first 1,000
-- members are told `left` at once; the rest, and removing its rows, is the job `group_delete` {"conversation"}
-- (parley._group_delete), which the relays see to in slices.
--
-- Returns: NULL
-- Raises:  unauthenticated, password_change, not_found, not_a_member, not_a_group, forbidden
-- Locks:   the conversation, memberships ascending, account_sync ascending.
-- Tables written: conversation, membership (all with the one mod of the deletion), account_sync, job, change_hint.
CREATE FUNCTION api.groups_delete(token bytea, conversation bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
    c  parley.conversation;
    d  record;
BEGIN
    c := parley._lock_group(conversation, me.account_id, 'owner');
    c.mod := c.mod + 1;
    c.deleted := parley._now();
    d := parley._disband(c, 1000);
    PERFORM parley._store(d.c);
    INSERT INTO parley.job VALUES (parley._id(), 'group_delete', c.deleted, jsonb_build_object('conversation', c.id::text));
    PERFORM parley._tell(concat_ws(' ', 'c', c.id, c.mod) || d.lines);
    RETURN NULL;
END
$$;
