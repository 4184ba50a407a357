-- SPDX-License-Identifier: Apache-2.0
--
-- Who comes into a conversation and who goes. The caller holds the conversation's lock, passes its row, and stores and tells
-- what comes back. Each member's row takes a mod of its own, in ascending order of account, and an account_mod of that account.
-- Locks: memberships ascending, then account_sync ascending.
-- Tables written: membership, account_sync.

-- parley._account_mods(accounts): the next account_mod of each; locks them ascending.
-- Tables written: account_sync.
CREATE FUNCTION parley._account_mods(accounts bigint[]) RETURNS TABLE (account_id bigint, account_mod bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM parley.account_sync s WHERE s.account_id = ANY (accounts) ORDER BY s.account_id FOR NO KEY UPDATE;
    RETURN QUERY UPDATE parley.account_sync s SET account_mod = s.account_mod + 1
                  WHERE s.account_id = ANY (accounts) RETURNING s.account_id, s.account_mod;
END
$$;

-- parley._enter(was, accounts, role): those of the accounts that are not in it yet become members. What was said before counts
-- as read, also for who comes back.
--
-- Parameters: was       the locked conversation
--             accounts  who comes in; each exists; repeats and present members are passed over
--             role      what each becomes
-- Returns: c      the conversation with the new mod and members_count
--          added  who came in, ascending; empty = nothing has changed
--          lines  `a` lines to tell
CREATE FUNCTION parley._enter(was parley.conversation, accounts bigint[], role text,
                              OUT c parley.conversation, OUT added bigint[], OUT lines text[])
LANGUAGE plpgsql AS $$
BEGIN
    c := was;
    PERFORM FROM parley.membership u
      WHERE u.conversation_id = c.id AND u.account_id = ANY (accounts) ORDER BY u.account_id FOR NO KEY UPDATE;
    added := ARRAY(SELECT DISTINCT a FROM unnest(accounts) a
                    WHERE NOT EXISTS (SELECT FROM parley.membership u
                                       WHERE u.conversation_id = c.id AND u.account_id = a AND u.role IS NOT NULL)
                    ORDER BY a);
    WITH mods AS (
        SELECT y.account_id, y.account_mod, c.mod + row_number() OVER (ORDER BY y.account_id) AS mod
          FROM parley._account_mods(added) y
    ), entered AS (
        INSERT INTO parley.membership AS u (conversation_id, account_id, role, mod, read_seq, received_seq, account_mod,
                                            joined_mod, joined)
        SELECT c.id, n.account_id, _enter.role, n.mod, c.last_seq, c.last_seq, n.account_mod, n.account_mod, parley._now()
          FROM mods n
            ON CONFLICT (conversation_id, account_id) DO UPDATE
           SET role = EXCLUDED.role, mod = EXCLUDED.mod, account_mod = EXCLUDED.account_mod,
               joined_mod = EXCLUDED.joined_mod, joined = EXCLUDED.joined,
               read_seq = greatest(u.read_seq, EXCLUDED.read_seq), received_seq = greatest(u.received_seq, EXCLUDED.received_seq)
    )
    SELECT array_agg(concat_ws(' ', 'a', n.account_id, n.account_mod) ORDER BY n.account_id) INTO lines FROM mods n;
    c.mod := c.mod + cardinality(added);
    c.members_count := c.members_count + cardinality(added);
END
$$;

-- parley._leave(was, accounts): those of the accounts that are in it are members no longer.
-- Returns: c, lines as parley._enter; gone = who went, ascending.
CREATE FUNCTION parley._leave(was parley.conversation, accounts bigint[],
                              OUT c parley.conversation, OUT gone bigint[], OUT lines text[])
LANGUAGE plpgsql AS $$
BEGIN
    c := was;
    gone := ARRAY(SELECT u.account_id FROM parley.membership u
                   WHERE u.conversation_id = c.id AND u.account_id = ANY (accounts) AND u.role IS NOT NULL
                   ORDER BY u.account_id FOR NO KEY UPDATE);
    WITH mods AS (
        SELECT y.account_id, y.account_mod, c.mod + row_number() OVER (ORDER BY y.account_id) AS mod
          FROM parley._account_mods(gone) y
    ), went AS (
        UPDATE parley.membership u SET role = NULL, mod = n.mod, account_mod = n.account_mod
          FROM mods n WHERE u.conversation_id = c.id AND u.account_id = n.account_id
    )
    SELECT array_agg(concat_ws(' ', 'a', n.account_id, n.account_mod) ORDER BY n.account_id) INTO lines FROM mods n;
    c.mod := c.mod + cardinality(gone);
    c.members_count := c.members_count - cardinality(gone);
END
$$;

-- parley._known(accounts): all of them exist and are not deactivated.
-- Raises: not_found.
CREATE FUNCTION parley._known(accounts bigint[]) RETURNS void LANGUAGE plpgsql STABLE AS $$
DECLARE
    missing bigint := (SELECT min(a) FROM unnest(accounts) a
                        WHERE NOT EXISTS (SELECT FROM parley.account x WHERE x.id = a AND x.deactivated IS NULL));
BEGIN
    IF missing IS NOT NULL THEN
        PERFORM parley._fail('not_found', format('There is no account %s.', missing));
    END IF;
END
$$;

-- parley._action(type, accounts): the action of a system message about members.
CREATE FUNCTION parley._action(type text, accounts bigint[]) RETURNS jsonb LANGUAGE sql IMMUTABLE
RETURN jsonb_build_object('type', type, 'accounts', accounts::text[]);

-- parley._conversation_answer(conversation, account): {"conversation": the row of that member}.
-- Raises: not_found, not_a_member.
CREATE FUNCTION parley._conversation_answer(conversation bigint, account bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    answer text := (SELECT r.json FROM parley._conversation_row(conversation, account) r);
BEGIN
    IF answer IS NULL THEN
        PERFORM parley._refuse_outsider(conversation);
    END IF;
    RETURN '{"conversation":' || answer || '}';
END
$$;
