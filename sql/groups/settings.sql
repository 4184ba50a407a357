-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_settings(…): what the caller chose for itself in one conversation. What is NULL, or not said to be set, stays.
--
-- Parameters: new_notify           'all', 'mentions', 'none'
--             set_muted, new_muted whether it is set; until when (RFC 3339), NULL = not muted
--             new_favourite        true, false
--             set_draft, new_draft whether it is set; the unsent text, NULL or empty = none
-- Returns: {"conversation": row}
-- Raises:  unauthenticated, password_change, not_found, not_a_member, invalid (not a time)
-- Locks:   the membership, then account_sync.
-- Tables written: membership, account_sync (settings and draft take an account_mod each), change_hint.
CREATE FUNCTION api.groups_settings(token bytea, conversation bigint, new_notify text, set_muted boolean, new_muted text,
                                    new_favourite boolean, set_draft boolean, new_draft text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me    record := parley._session(token);
    u     parley.membership;
    old   parley.membership;
BEGIN
    PERFORM FROM parley.membership x WHERE x.conversation_id = conversation AND x.account_id = me.account_id FOR NO KEY UPDATE;
    u := parley._member(conversation, me.account_id);
    old := u;
    u.notify := coalesce(new_notify, u.notify);
    u.favourite := coalesce(new_favourite, u.favourite);
    IF set_muted THEN
        u.muted_until := parley._time_given(new_muted, 'muted_until');
    END IF;
    IF set_draft THEN
        u.draft := nullif(new_draft, '');
    END IF;
    IF (u.notify, u.favourite, u.muted_until) IS DISTINCT FROM (old.notify, old.favourite, old.muted_until) THEN
        u.account_mod := parley._account_mod(me.account_id);
        u.settings_mod := u.account_mod;
    END IF;
    IF u.draft IS DISTINCT FROM old.draft THEN
        u.account_mod := parley._account_mod(me.account_id);
        u.draft_mod := u.account_mod;
    END IF;
    IF u.account_mod > old.account_mod THEN
        UPDATE parley.membership x
           SET notify = u.notify, favourite = u.favourite, muted_until = u.muted_until, draft = u.draft,
               account_mod = u.account_mod, settings_mod = u.settings_mod, draft_mod = u.draft_mod
         WHERE x.conversation_id = u.conversation_id AND x.account_id = u.account_id;
        PERFORM parley._tell(ARRAY[concat_ws(' ', 'a', u.account_id, u.account_mod)]);
    END IF;
    RETURN parley._conversation_answer(conversation, me.account_id);
END
$$;
