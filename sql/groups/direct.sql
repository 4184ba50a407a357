-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_direct(token, peer): the one conversation of the caller and another account, or with itself (notes), made at the
-- first call.
--
-- Returns: {"conversation": row}
-- Raises:  unauthenticated, password_change, not_found (the peer is unknown or deactivated)
-- Locks:   the pair's row (whoever makes the same pair at the same time waits there, holding nothing), then account_sync.
-- Tables written: direct_pair, conversation, membership, account_sync, change_hint.
CREATE FUNCTION api.groups_direct(token bytea, peer bigint) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me   record := parley._session(token);
    pair parley.direct_pair;
    c    parley.conversation;
    e    record;
BEGIN
    PERFORM parley._known(ARRAY[peer]);
    pair.low := least(me.account_id, peer);
    pair.high := greatest(me.account_id, peer);
    pair.conversation_id := (SELECT p.conversation_id FROM parley.direct_pair p WHERE p.low = pair.low AND p.high = pair.high);
    IF pair.conversation_id IS NULL THEN
        pair.conversation_id := parley._id();
        INSERT INTO parley.direct_pair VALUES (pair.*) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            INSERT INTO parley.conversation (id, store, mod, changed_mod, created, created_by)
                VALUES (pair.conversation_id, 1, 1, 1, parley._now(), me.account_id) RETURNING * INTO c;
            e := parley._enter(c, ARRAY[pair.low, pair.high], 'member');
            PERFORM parley._store(e.c);
            PERFORM parley._tell(concat_ws(' ', 'c', c.id, (e.c).mod) || e.lines);
        ELSE
            pair.conversation_id := (SELECT p.conversation_id FROM parley.direct_pair p
                                      WHERE p.low = pair.low AND p.high = pair.high);
        END IF;
    END IF;
    RETURN parley._conversation_answer(pair.conversation_id, me.account_id);
END
$$;
