-- SPDX-License-Identifier: Apache-2.0
--
-- parley._receipts(…): move read and received markers forward, for a batch of (account, conversation) pairs.
--
-- The highest of what is stored and what is asked wins, clamped to the conversation's last_seq; reading implies having
-- received. A pair that is not a member, names no conversation, or would move nothing is passed over without a lock; a pair may
-- come more than once.
--
-- Parameters, one element an item, all of one length:
--   accounts, conversations  whose markers, where
--   reads, receiveds         the seq said to be read, received; NULL = not said
--   small_max                receipts_max_members: in larger conversations the members are not told
-- Locks: memberships in the order (conversation, account), then account_sync ascending; never a conversation.
-- Tables written: membership, account_sync (a read marker takes an account_mod), change_hint.
-- Notifies: `r` for each pair that moved, `a` for each account whose read marker moved.
CREATE FUNCTION parley._receipts(accounts bigint[], conversations bigint[], reads bigint[], receiveds bigint[],
                                 small_max integer)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    r      record;
    u      parley.membership;
    whos   bigint[] := '{}';
    wheres bigint[] := '{}';
    rs     bigint[] := '{}';
    ds     bigint[] := '{}';
    lines  text[] := '{}';
    taken  bigint;
BEGIN
    -- One row at a time, by its key: a join may go through every member of a large group for each.
    FOR r IN
        SELECT i.account, i.conversation, least(i.read, c.last_seq) AS read,
               least(greatest(i.received, i.read), c.last_seq) AS received, c.members_count <= small_max AS small
          FROM (SELECT t.account, t.conversation, coalesce(max(t.read), 0) AS read, coalesce(max(t.received), 0) AS received
                  FROM unnest(accounts, conversations, reads, receiveds) AS t (account, conversation, read, received)
                 GROUP BY t.account, t.conversation) i
          JOIN parley.conversation c ON c.id = i.conversation AND c.deleted IS NULL
         ORDER BY i.conversation, i.account
    LOOP
        SELECT * INTO u FROM parley.membership x
         WHERE x.conversation_id = r.conversation AND x.account_id = r.account AND x.role IS NOT NULL
           AND (r.read > x.read_seq OR r.received > x.received_seq)
           FOR NO KEY UPDATE;
        CONTINUE WHEN NOT FOUND;
        r.read := CASE WHEN r.read > u.read_seq THEN r.read END;
        r.received := CASE WHEN r.received > u.received_seq THEN r.received END;
        wheres := wheres || r.conversation;
        whos := whos || r.account;
        rs := rs || r.read;
        ds := ds || r.received;
        lines := lines || concat_ws(' ', 'r', r.conversation, r.account, coalesce(r.read, 0), coalesce(r.received, 0),
                                    r.small::integer);
    END LOOP;
    FOR r IN SELECT t.account, t.conversation, t.read, t.received,
                    lead(t.account) OVER (ORDER BY t.account, t.conversation) IS DISTINCT FROM t.account AS last
               FROM unnest(whos, wheres, rs, ds) AS t (account, conversation, read, received)
              ORDER BY t.account, t.conversation
    LOOP
        IF r.read IS NOT NULL THEN
            taken := parley._account_mod(r.account);
        END IF;
        UPDATE parley.membership x
           SET read_seq = coalesce(r.read, x.read_seq),
               received_seq = coalesce(r.received, x.received_seq),
               read_mod = CASE WHEN r.read IS NULL THEN x.read_mod ELSE taken END,
               account_mod = CASE WHEN r.read IS NULL THEN x.account_mod ELSE taken END
         WHERE x.conversation_id = r.conversation AND x.account_id = r.account;
        IF r.last AND taken IS NOT NULL THEN
            lines := lines || concat_ws(' ', 'a', r.account, taken);
            taken := NULL;
        END IF;
    END LOOP;
    PERFORM parley._tell(lines);
END
$$;
