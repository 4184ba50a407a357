-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_changes(…): pages of changed rows, for catching up a session (`reader` given) or a relay's hub (`reader` NULL).
-- Conversations are read in the order given until the page is full; who asks again names the rest. One snapshot.
--
-- Parameters: reader         the account that catches up, or NULL
--             conversations  which ones
--             sinces         the mod held of each
--             max_rows, max_bytes  the page's bounds; at least one row comes
-- Returns rows in the order of conversations and, in one, of mod:
--   place  the conversation's place in the array, from 1
--   kind   'm', 'u', 'l', 'c' as in parley._changes, with `event` the whole JSON event, without ref;
--          'e' = all of this conversation has come, `mod` is its counter in this snapshot, `small` as in live_hello;
--          'x' = the reader is not in it (`mod` of the leaving, `event` the `left` event);
--          'r' = the mod held is above the database's: reset
--   subject, ref  of a message: its sender and ref; of a member row: the member
-- A deleted group has no rows, only an end: each member hears of the deletion as a change of its account.
CREATE FUNCTION api.live_changes(reader bigint, conversations bigint[], sinces bigint[], max_rows integer, max_bytes integer,
                                 small_max integer)
RETURNS TABLE (place integer, kind "char", mod bigint, subject bigint, ref uuid, small boolean, event text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    c      parley.conversation;
    u      parley.membership;
    e      record;
    n      integer;
    seen   integer := 0;
    bytes  integer := 0;
BEGIN
    FOR k IN 1 .. cardinality(conversations) LOOP
        place := k;
        SELECT * INTO c FROM parley.conversation x WHERE x.id = conversations[place];
        u := NULL;
        IF reader IS NOT NULL THEN
            SELECT * INTO u FROM parley.membership x WHERE x.conversation_id = c.id AND x.account_id = reader;
        END IF;
        subject := NULL;
        ref := NULL;
        small := c.members_count <= small_max;
        IF c.id IS NULL OR c.deleted IS NOT NULL AND reader IS NOT NULL OR reader IS NOT NULL AND u.role IS NULL THEN
            kind := 'x';
            mod := coalesce(u.mod, 0);
            event := format('{"type":"left","conversation":"%s","account":"%s","mod":%s}', conversations[place], reader, mod);
            RETURN NEXT;
            CONTINUE;
        ELSIF sinces[place] > c.mod THEN
            kind := 'r';
            mod := c.mod;
            event := NULL;
            RETURN NEXT;
            CONTINUE;
        END IF;
        n := 0;
        IF sinces[place] < c.mod AND c.deleted IS NULL THEN
            FOR e IN SELECT * FROM parley._changes(c, sinces[place], coalesce(u.visible_from, 1), reader, max_rows - seen + 1) LOOP
                n := n + 1;
                bytes := bytes + octet_length(e.json);
                IF seen > 0 AND (seen >= max_rows OR bytes > max_bytes) THEN
                    RETURN;
                END IF;
                seen := seen + 1;
                kind := e.kind;
                mod := e.mod;
                subject := e.subject;
                ref := e.ref;
                event := '{"type":"' || parley._event_type(e.kind) || '",' || e.json || '}';
                RETURN NEXT;
            END LOOP;
        END IF;
        kind := 'e';
        mod := c.mod;
        subject := NULL;
        ref := NULL;
        event := NULL;
        RETURN NEXT;
    END LOOP;
END
$$;
