-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_remove(token, conversation, account): the caller leaves a group, or removes a member: an admin those below it, an
-- owner anyone. The last owner cannot leave. The member's row takes the first mod and the system message a later one, so that
-- `left` is the last that the one who went hears of it.
--
-- Returns: NULL
-- Raises:  unauthenticated, password_change, not_found (the group, or the account is not in it), not_a_member, not_a_group,
--          forbidden, last_owner
-- Locks:   the conversation, the membership, account_sync.
-- Tables written: membership, account_sync, message (`left`, `removed`), conversation, change_hint.
CREATE FUNCTION api.groups_remove(token bytea, conversation bigint, account bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me   record := parley._session(token);
    self boolean := account = me.account_id;
    mine text;
    c    parley.conversation;
    u    parley.membership;
    e    record;
BEGIN
    c := parley._lock_group(conversation, me.account_id, 'member');
    u := parley._other(c, account);
    mine := (parley._member(c.id, me.account_id)).role;
    IF NOT (self OR mine = 'owner' OR mine = 'admin' AND u.role = 'member') THEN
        PERFORM parley._fail('forbidden');
    END IF;
    PERFORM parley._keep_an_owner(c, u);
    e := parley._leave(c, ARRAY[account]);
    c := parley._touch(parley._system(e.c, me.account_id,
                                      parley._action(CASE WHEN self THEN 'left' ELSE 'removed' END, ARRAY[account])));
    PERFORM parley._store(c);
    PERFORM parley._tell(concat_ws(' ', 'c', c.id, c.mod) || e.lines);
    RETURN NULL;
END
$$;
