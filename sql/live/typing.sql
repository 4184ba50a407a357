-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_typing(conversations, accounts, ons, small_max): who began or ceased to type where. Never durable, never repeated.
-- Told only of members, and in conversations of up to small_max members.
--
-- Parameters, one element an item, all of one length:
--   conversations, accounts  who types where
--   ons                      true = types, false = ceased to
--   small_max                receipts_max_members
-- Notifies: `t` for each.
CREATE FUNCTION api.live_typing(conversations bigint[], accounts bigint[], ons boolean[], small_max integer) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lines text[];
BEGIN
    SELECT array_agg(format('t %s %s %s', t.conversation, t.account, t.on_::integer) ORDER BY t.item) INTO lines
      FROM unnest(conversations, accounts, ons) WITH ORDINALITY AS t (conversation, account, on_, item)
      JOIN parley.conversation c ON c.id = t.conversation AND c.members_count <= small_max AND c.deleted IS NULL
      JOIN parley.membership u ON u.conversation_id = t.conversation AND u.account_id = t.account AND u.role IS NOT NULL;
    IF lines IS NOT NULL THEN
        PERFORM set_config('synchronous_commit', 'off', true);
        PERFORM parley._notify(lines);
    END IF;
END
$$;
