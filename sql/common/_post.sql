-- SPDX-License-Identifier: Apache-2.0
--
-- parley._post(…): the one way for a message, and for whatever changes one: a batch of commands, applied in one transaction,
-- each answered by a status. Nothing here raises for a bad item; one bad item never harms another.
--
-- Parameters, one element an item, all of one length:
--   kinds          'send', 'edit', 'delete', 'react', 'unreact', 'pin', 'unpin'
--   accounts       who says it
--   conversations  where
--   refs           send: the client's ref; else NULL
--   bodies         send, edit: the text; react, unreact: the emoji; else NULL
--   seqs           the message meant; NULL for send
--   bases          edit, delete: the mod of the state it was based on, or NULL
--   replies, threads   send: the seq answered or continued, or NULL
--   mentions       send, edit: account ids as '{1,2}', or NULL; of them members are kept
-- Returns one row an item, `item` counting from 1:
--   problem  NULL = done (or stored before), else the name of a problem
--   id, seq, mod, time of the message in its new state; time in RFC 3339
-- Locks: the conversations, ascending. Nothing else, so it can wait for nobody but another poster. The loop's query begins
-- after the locks, so what it found stays true: nobody else changes members or messages of these conversations meanwhile.
-- Members and refs are looked up by subqueries, not joined: a join may go through every member of a large group.
-- Every table is reached by its index, whatever statistics say of a young database, and no plan is made twice.
-- New messages are kept aside and stored together, at the latest when an item needs one of them to be there.
-- Tables written: conversation, message, mention, reaction, change_hint.
-- Notifies: `m` for each new message that fits, `c` for all else.
CREATE FUNCTION parley._post(kinds text[], accounts bigint[], conversations bigint[], refs uuid[], bodies text[],
                             seqs bigint[], bases bigint[], replies bigint[], threads bigint[], mentions text[])
RETURNS TABLE (item bigint, problem text, id bigint, seq bigint, mod bigint, "time" text)
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
#variable_conflict use_column
DECLARE
    i       record;
    c       parley.conversation;
    m       parley.message;
    told    bigint;
    fresh   parley.message[] := '{}';
    sent    uuid[] := '{}';
    again   boolean;
    changed parley.conversation[] := '{}';
    line    text;
    payload text := '';
BEGIN
    PERFORM FROM parley.conversation x WHERE x.id = ANY (conversations) ORDER BY x.id FOR NO KEY UPDATE;
    FOR i IN SELECT t.*, c,
                    (SELECT u.role FROM parley.membership u WHERE u.conversation_id = t.conversation AND u.account_id = t.account),
                    (SELECT m FROM parley.message m WHERE m.store = c.store AND m.conversation_id = t.conversation
                        AND m.sender_id = t.account AND m.ref = t.ref AND t.kind = 'send') AS m
               FROM unnest(kinds, accounts, conversations, refs, bodies, seqs, bases, replies, threads, mentions)
                    WITH ORDINALITY AS t (kind, account, conversation, ref, body, seq, base, reply_to, thread, mentions, item)
               LEFT JOIN parley.conversation c ON c.id = t.conversation
              ORDER BY t.conversation, t.item
    LOOP
        item := i.item;
        problem := NULL;
        line := NULL;
        m := i.m;
        IF i.conversation IS DISTINCT FROM c.id THEN
            IF c.mod > told THEN
                changed := changed || c;
            END IF;
            c := i.c;
            told := c.mod;
        END IF;
        again := i.kind = 'send' AND i.ref = ANY (sent);
        IF cardinality(fresh) > 0 AND (again OR i.kind <> 'send') THEN
            PERFORM parley._store_messages(fresh);
            fresh := '{}';
        END IF;
        IF again THEN
            SELECT * INTO m FROM parley.message x
             WHERE x.store = c.store AND x.conversation_id = c.id AND x.sender_id = i.account AND x.ref = i.ref;
        END IF;
        IF m.id IS NOT NULL THEN
            NULL; -- a repeat: answered by what is stored, before membership and rules
        ELSIF i.role IS NULL OR c.deleted IS NOT NULL THEN
            problem := 'not_a_member';
        ELSIF c.archived IS NOT NULL THEN
            problem := 'archived';
        ELSIF i.kind = 'send' THEN
            IF i.reply_to NOT BETWEEN 1 AND c.last_seq OR i.thread NOT BETWEEN 1 AND c.last_seq THEN
                problem := 'no_such_message';
            ELSE
                c.last_seq := c.last_seq + 1;
                c.mod := c.mod + 1;
                m := (c.store, c.id, c.last_seq, c.mod, parley._id(), i.account, i.ref, parley._now(), NULL, i.reply_to, i.thread,
                      0, false, false, false, i.body,
                      CASE WHEN i.mentions IS NOT NULL THEN parley._mentioned(c.id, i.mentions) END, NULL, NULL);
                fresh := fresh || m;
                sent := sent || m.ref;
                line := 'm ' || c.id || ' ' || m.mod || ' ' || m.sender_id || ' ' || m.ref
                     || ' {"type":"message",' || parley._message_members(m) || E'}\n';
            END IF;
        ELSE
            SELECT * INTO m FROM parley.message x
             WHERE x.store = c.store AND x.conversation_id = c.id AND x.seq = i.seq AND x.seq >= c.first_seq;
            problem := CASE WHEN FOUND THEN parley._change_message(c, m, i.role, i.kind, i.account, i.body, i.base, i.mentions)
                            ELSE 'no_such_message' END;
            IF problem = 'same' THEN
                problem := NULL;
            ELSIF problem IS NULL THEN
                c.mod := c.mod + 1;
                m.mod := c.mod;
                line := 'c ' || c.id || ' ' || c.mod || E'\n';
            END IF;
        END IF;
        IF octet_length(line) >= 7900 THEN
            line := 'c ' || c.id || ' ' || c.mod || E'\n';
        END IF;
        IF octet_length(payload) + octet_length(line) >= 7900 THEN
            PERFORM pg_notify('parley', payload);
            payload := '';
        END IF;
        payload := payload || coalesce(line, '');
        id := m.id; seq := m.seq; mod := m.mod; "time" := parley._time(m.time);
        RETURN NEXT;
    END LOOP;
    IF c.mod > told THEN
        changed := changed || c;
    END IF;
    PERFORM parley._store_messages(fresh);
    PERFORM parley._store_counters(changed);
    IF payload <> '' THEN
        PERFORM pg_notify('parley', payload);
    END IF;
END
$$;

-- parley._store_messages(fresh): new messages and who is mentioned in them by another.
-- Tables written: message, mention.
CREATE FUNCTION parley._store_messages(fresh parley.message[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(fresh) = 0 THEN
        RETURN;
    END IF;
    INSERT INTO parley.message SELECT * FROM unnest(fresh);
    IF EXISTS (SELECT FROM unnest(fresh) f WHERE f.mentions IS NOT NULL) THEN
        INSERT INTO parley.mention SELECT a, f.conversation_id, f.seq FROM unnest(fresh) f, unnest(f.mentions) a
         WHERE a <> f.sender_id;
    END IF;
END
$$;

-- parley._store_counters(changed): where conversations that a batch changed have come to, and this transaction's hint about it.
-- Tables written: conversation, change_hint.
CREATE FUNCTION parley._store_counters(changed parley.conversation[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(changed) > 0 THEN
        UPDATE parley.conversation x SET last_seq = c.last_seq, mod = c.mod FROM unnest(changed) c WHERE x.id = c.id;
        INSERT INTO parley.change_hint (lines)
            SELECT string_agg('c ' || c.id || ' ' || c.mod, E'\n') FROM unnest(changed) c;
    END IF;
END
$$;

-- parley._mentioned(conversation, mentions): those of the accounts who are members, each once, as given ('{1,2}'); NULL = nobody.
CREATE FUNCTION parley._mentioned(conversation bigint, mentions text) RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF mentions IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT array_agg(DISTINCT a ORDER BY a) FROM unnest(mentions::bigint[]) a
             WHERE (SELECT u.role FROM parley.membership u
                     WHERE u.conversation_id = conversation AND u.account_id = a) IS NOT NULL);
END
$$;
