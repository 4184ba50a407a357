-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_role(token, conversation, account, new_role): an owner gives a member another role. The last owner cannot step down.
--
-- Returns: NULL
-- Raises:  unauthenticated, password_change, not_found (the group, or the account is not in it), not_a_member, not_a_group,
--          forbidden, last_owner
-- Locks:   the conversation, the membership.
-- Tables written: membership, conversation, change_hint.
CREATE FUNCTION api.groups_role(token bytea, conversation bigint, account bigint, new_role text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
    c  parley.conversation;
    u  parley.membership;
BEGIN
    c := parley._lock_group(conversation, me.account_id, 'owner');
    u := parley._other(c, account);
    IF u.role <> new_role THEN
        PERFORM parley._keep_an_owner(c, u);
        c.mod := c.mod + 1;
        UPDATE parley.membership x SET role = new_role, mod = c.mod
         WHERE x.conversation_id = c.id AND x.account_id = account;
        PERFORM parley._store(c);
        PERFORM parley._tell(ARRAY[concat_ws(' ', 'c', c.id, c.mod)]);
    END IF;
    RETURN NULL;
END
$$;

-- parley._other(c, account): the membership that a command means.
-- Raises: not_found.
CREATE FUNCTION parley._other(c parley.conversation, account bigint) RETURNS parley.membership LANGUAGE plpgsql STABLE AS $$
DECLARE
    u parley.membership;
BEGIN
    SELECT * INTO u FROM parley.membership x
     WHERE x.conversation_id = c.id AND x.account_id = account AND x.role IS NOT NULL;
    IF NOT FOUND THEN
        PERFORM parley._fail('not_found', 'That account is not in the group.');
    END IF;
    RETURN u;
END
$$;

-- parley._keep_an_owner(c, u): refuses if the member, about to lose its role, is the group's only owner.
-- Raises: last_owner.
CREATE FUNCTION parley._keep_an_owner(c parley.conversation, u parley.membership) RETURNS void LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF u.role = 'owner' AND NOT EXISTS (SELECT FROM parley.membership x
                                         WHERE x.conversation_id = c.id AND x.role = 'owner' AND x.account_id <> u.account_id)
    THEN
        PERFORM parley._fail('last_owner', 'Make somebody else an owner first, or delete the group.');
    END IF;
END
$$;
