-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_account_changes(accounts, sinces, max_rows, small_max): what changed in accounts after an account_mod, each in its
-- latest state, in account_mod order, at most max_rows an account. One snapshot.
--
-- Returns rows in the order of accounts and, in one, of account_mod:
--   place        the account's place in the array, from 1
--   kind         '+' joined: `event` is the whole conversation row, `mod` its counter: enter it in the hub;
--                '-' left: leave it; 's' settings, 'r' own read marker (with the counts that remain), 'd' draft, 'p' profile;
--                'e' = all of this account has come, account_mod is its counter in this snapshot;
--                'x' = the account_mod held is above the database's: reset
--   conversation, mod, small   of '+' and '-'; small as in live_hello
--   event        the JSON event, with its account_mod
CREATE FUNCTION api.live_account_changes(accounts bigint[], sinces bigint[], max_rows integer, small_max integer)
RETURNS TABLE (place integer, kind "char", account_mod bigint, conversation bigint, mod bigint, small boolean, event text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
#variable_conflict use_column
DECLARE
    counter bigint;
    n       integer;
    e       record;
BEGIN
    FOR k IN 1 .. cardinality(accounts) LOOP
        place := k;
        counter := (SELECT y.account_mod FROM parley.account_sync y WHERE y.account_id = accounts[place]);
        n := 0;
        IF sinces[place] < counter THEN
            FOR e IN SELECT * FROM parley._account_changes(accounts[place], sinces[place], max_rows + 1, small_max) LOOP
                n := n + 1;
                EXIT WHEN n > max_rows;
                kind := e.kind;
                account_mod := e.account_mod;
                conversation := e.conversation;
                mod := e.mod;
                small := e.small;
                event := e.event;
                RETURN NEXT;
            END LOOP;
        END IF;
        IF n <= max_rows THEN
            kind := CASE WHEN sinces[place] > counter OR counter IS NULL THEN 'x' ELSE 'e' END;
            account_mod := counter;
            conversation := NULL;
            mod := NULL;
            small := NULL;
            event := NULL;
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;

-- parley._account_changes(account, since, max_rows, small_max): one account's part of api.live_account_changes.
CREATE FUNCTION parley._account_changes(account bigint, since bigint, max_rows integer, small_max integer)
RETURNS TABLE (account_mod bigint, kind "char", conversation bigint, mod bigint, small boolean, event text)
LANGUAGE sql STABLE AS $$
    WITH changed AS MATERIALIZED (
        SELECT u, c, u.role IS NULL OR c.deleted IS NOT NULL AS gone
          FROM parley.membership u JOIN parley.conversation c ON c.id = u.conversation_id
         WHERE u.account_id = account AND u.account_mod > since
    ), kinds AS (
        SELECT (u).account_mod AS account_mod, '-'::"char" AS kind, u, c FROM changed WHERE gone
        UNION ALL
        SELECT (u).joined_mod, '+', u, c FROM changed WHERE NOT gone AND (u).joined_mod > since
        UNION ALL
        SELECT (u).settings_mod, 's', u, c FROM changed WHERE NOT gone AND (u).settings_mod > since
        UNION ALL
        SELECT (u).read_mod, 'r', u, c FROM changed WHERE NOT gone AND (u).read_mod > since
        UNION ALL
        SELECT (u).draft_mod, 'd', u, c FROM changed WHERE NOT gone AND (u).draft_mod > since
        UNION ALL
        SELECT a.profile_mod, 'p', NULL, NULL FROM parley.account a WHERE a.id = account AND a.profile_mod > since
        ORDER BY 1 LIMIT max_rows
    )
    SELECT k.account_mod, k.kind, (k.c).id, CASE WHEN k.kind = '-' THEN (k.u).mod ELSE (k.c).mod END,
           (k.c).members_count <= small_max,
           CASE k.kind
           WHEN '+' THEN format('{"type":"conversation","conversation":%s,"account_mod":%s}',
                                (SELECT r.json FROM parley._conversation_row((k.c).id, account) r), k.account_mod)
           WHEN '-' THEN format('{"type":"left",%s,"account_mod":%s}', parley._left_members(k.u), k.account_mod)
           WHEN 's' THEN format('{"type":"conversation","conversation":{"id":"%s","changed_mod":%s,%s},"account_mod":%s}',
                                (k.c).id, (k.c).changed_mod, parley._settings_members(k.u), k.account_mod)
           WHEN 'r' THEN (SELECT format('{"type":"read","conversation":"%s","account":"%s","seq":%s,"unread":%s,"mentions":%s,'
                                        '"account_mod":%s}', (k.c).id, account, (k.u).read_seq, n.unread, n.mentions, k.account_mod)
                            FROM parley._unread((k.c).store, (k.c).id, account, parley._read_up_to(k.c, k.u), (k.c).last_seq) n)
           WHEN 'd' THEN format('{"type":"draft","conversation":"%s","text":%s,"account_mod":%s}',
                                (k.c).id, coalesce(to_json((k.u).draft)::text, 'null'), k.account_mod)
           WHEN 'p' THEN (SELECT format('{"type":"account","account":%s,"account_mod":%s}',
                                        parley._account_json(a), k.account_mod) FROM parley.account a WHERE a.id = account)
           END
      FROM kinds k ORDER BY k.account_mod;
$$;

-- parley._left_members(u): the members of a `left` event, without braces and type.
CREATE FUNCTION parley._left_members(u parley.membership) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('"conversation":"%s","account":"%s","mod":%s', u.conversation_id, u.account_id, u.mod);
$$;
