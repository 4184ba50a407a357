-- SPDX-License-Identifier: Apache-2.0
--
-- What the planner is to believe of messages and members from the first one on. While a table is young, or was empty when it was last
-- analysed, "this conversation's" is taken for one row; then each index that begins with the conversation looks as good as the
-- right one, and a page, a marker or a repeat's ref costs a walk through all that was ever said there. So how many rows share a
-- conversation is fixed here, whatever a sample says. The numbers are kept where an analysis finds a row, hence one for a moment.

ALTER TABLE parley.direct_message ALTER store SET (n_distinct = 1), ALTER conversation_id SET (n_distinct = -0.02), ALTER sender_id SET (n_distinct = 5),
    ALTER ref SET (n_distinct = -1);
ALTER TABLE parley.group_message ALTER store SET (n_distinct = 1), ALTER conversation_id SET (n_distinct = -0.02), ALTER sender_id SET (n_distinct = 5),
    ALTER ref SET (n_distinct = -1);
ALTER TABLE parley.membership ALTER conversation_id SET (n_distinct = -0.1), ALTER account_id SET (n_distinct = -0.1);

DO $$
DECLARE
    young boolean := NOT EXISTS (SELECT FROM parley.message) AND NOT EXISTS (SELECT FROM parley.membership);
BEGIN
    IF young THEN
        INSERT INTO parley.message (store, conversation_id, seq, mod, id, sender_id, ref, time)
            SELECT s, 0, 0, 0, 0, 0, gen_random_uuid(), now() FROM generate_series(1, 2) s;
        INSERT INTO parley.membership (conversation_id, account_id, mod, account_mod, joined_mod, joined) VALUES (0, 0, 0, 0, 0, now());
    END IF;
    ANALYZE parley.direct_message, parley.group_message, parley.membership;
    IF young THEN
        TRUNCATE parley.message, parley.membership;
    END IF;
END
$$;
