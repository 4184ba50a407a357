-- SPDX-License-Identifier: Apache-2.0
--
-- api.history_post(…): a message over REST: parley._post with one item.
--
-- Parameters: ref, conversation, body, reply_to, thread, mentions  as in parley._post; the program has checked them
--             rate_most, rate_seconds  message_rate_limit of the account; NULL = off
-- Returns: {"message": …}, with the ref; of a repeat what is stored
-- Raises:  unauthenticated, password_change, too_many, not_a_member (also where there is no such conversation), archived,
--          no_such_message (reply_to, thread)
-- Locks, tables written: as parley._post, and throttle.
CREATE FUNCTION api.history_post(token bytea, ref uuid, conversation bigint, body text, reply_to bigint, thread bigint,
                                 mentions bigint[], rate_most integer, rate_seconds integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me     record := parley._session(token);
    wait   integer := parley._throttle('message', me.account_id::text, rate_most, rate_seconds);
    posted record;
BEGIN
    IF wait > 0 THEN
        PERFORM parley._fail('too_many', NULL, wait);
    END IF;
    SELECT * INTO posted
      FROM parley._post(ARRAY['send'], ARRAY[me.account_id], ARRAY[conversation], ARRAY[ref], ARRAY[body], ARRAY[NULL::bigint],
                        ARRAY[NULL::bigint], ARRAY[reply_to], ARRAY[thread], ARRAY[mentions::text]);
    IF posted.problem IS NOT NULL THEN
        PERFORM parley._fail(posted.problem);
    END IF;
    RETURN (SELECT '{"message":{' || parley._message_members(m, me.account_id) || '}}'
              FROM parley.conversation c
              JOIN parley.message m ON m.store = c.store AND m.conversation_id = c.id AND m.seq = posted.seq
             WHERE c.id = conversation);
END
$$;
