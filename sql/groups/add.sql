-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_add(token, conversation, accounts, new_role): takes accounts into a group. An admin may; a role other than 'member'
-- is an owner's to give. Who is in it already stays as is.
--
-- Parameters: accounts  500 at most
--             new_role  NULL = 'member'
-- Returns: NULL
-- Raises:  unauthenticated, password_change, not_found (the group, or one of the accounts), not_a_member, not_a_group,
--          forbidden, archived
-- Locks:   the conversation, memberships ascending, account_sync ascending.
-- Tables written: membership, account_sync, message (`added`), conversation, change_hint.
CREATE FUNCTION api.groups_add(token bytea, conversation bigint, accounts bigint[], new_role text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
    c  parley.conversation;
BEGIN
    c := parley._lock_group(conversation, me.account_id, CASE WHEN new_role <> 'member' THEN 'owner' ELSE 'admin' END);
    IF c.archived IS NOT NULL THEN
        PERFORM parley._fail('archived');
    END IF;
    PERFORM parley._known(accounts);
    PERFORM parley._take_in(c, accounts, coalesce(new_role, 'member'), me.account_id, 'added');
    RETURN NULL;
END
$$;

-- parley._take_in(c, accounts, role, actor, type): accounts come into a locked group, with a system message, stored and told;
-- returns the row as it is now. The members come first, then the message, then the conversation.
CREATE FUNCTION parley._take_in(c parley.conversation, accounts bigint[], role text, actor bigint, type text)
RETURNS parley.conversation LANGUAGE plpgsql AS $$
DECLARE
    e record := parley._enter(c, accounts, role);
BEGIN
    IF cardinality(e.added) > 0 THEN
        c := parley._touch(parley._system(e.c, actor, parley._action(type, e.added)));
        PERFORM parley._store(c);
        PERFORM parley._tell(concat_ws(' ', 'c', c.id, c.mod) || e.lines);
    END IF;
    RETURN c;
END
$$;
