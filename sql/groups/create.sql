-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_create(…): a new group, whose owner is the caller.
--
-- Parameters: new_title, new_visibility  'private' or 'public'
--             members  other accounts, 500 at most
--             ref      the client's: one ref of one account is one group; a repeat returns it, whatever else it says
-- Returns: {"conversation": row}
-- Raises:  unauthenticated, password_change, not_found (of a member; or the repeat's group is not the caller's any more)
-- Locks:   the ref (a repeat at the same time waits there, holding nothing), then account_sync ascending.
-- Tables written: conversation, membership, account_sync, change_hint.
CREATE FUNCTION api.groups_create(token bytea, new_title text, new_visibility text, members bigint[], ref uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me     record := parley._session(token);
    others bigint[] := array_remove(coalesce(members, '{}'), me.account_id);
    c      parley.conversation;
    e      record;
    known  bigint := (SELECT x.id FROM parley.conversation x WHERE x.created_by = me.account_id AND x.create_ref = ref);
BEGIN
    IF known IS NULL THEN
        PERFORM parley._known(others);
        INSERT INTO parley.conversation (id, store, mod, changed_mod, title, visibility, created, created_by, create_ref)
            VALUES (parley._id(), 2, 1, 1, new_title, new_visibility, parley._now(), me.account_id, ref)
            ON CONFLICT (created_by, create_ref) DO NOTHING RETURNING * INTO c;
        known := coalesce(c.id, (SELECT x.id FROM parley.conversation x
                                  WHERE x.created_by = me.account_id AND x.create_ref = ref));
    END IF;
    IF c.id IS NOT NULL THEN
        e := parley._enter(c, others || me.account_id, 'member');
        UPDATE parley.membership u SET role = 'owner' WHERE u.conversation_id = c.id AND u.account_id = me.account_id;
        PERFORM parley._store(e.c);
        PERFORM parley._tell(concat_ws(' ', 'c', c.id, (e.c).mod) || e.lines);
    END IF;
    RETURN parley._conversation_answer(known, me.account_id);
END
$$;
