-- SPDX-License-Identifier: Apache-2.0
--
-- api.history_changes(token, conversation, since, most): what changed in a conversation after a mod, in its latest state.
--
-- Returns: {"epoch", "conversation"?, "messages": […], "members": […], "first_seq", "mod", "more"}: the `most` lowest mods above
--          `since`, one cut; mod is the highest of them, the conversation's own when more is false
-- Raises:  unauthenticated, password_change, not_found, not_a_member, reset (`since` is above the database's mod)
CREATE FUNCTION api.history_changes(token bytea, conversation bigint, since bigint, most integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
BEGIN
    RETURN parley._changes_page(conversation, me.account_id, since, most);
END
$$;

-- parley._changes_page(conversation, account, since, most): the answer of api.history_changes.
-- Raises: not_found, not_a_member, reset.
CREATE FUNCTION parley._changes_page(conversation bigint, account bigint, since bigint, most integer) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE
    u parley.membership := parley._member(conversation, account);
    c parley.conversation;
BEGIN
    SELECT * INTO c FROM parley.conversation x WHERE x.id = conversation;
    IF since > c.mod THEN
        PERFORM parley._fail('reset', 'The database is another one, or was restored: read everything again.');
    END IF;
    RETURN (
        WITH found AS MATERIALIZED (
            SELECT f.*, row_number() OVER (ORDER BY f.mod) AS place
              FROM parley._changes(c, since, u.visible_from, account, most + 1) f
        )
        SELECT format('{"epoch":%s%s,"messages":[%s],"members":[%s],"first_seq":%s,"mod":%s,"more":%s}',
                      (SELECT to_json(e.epoch) FROM parley.epoch e),
                      string_agg(',' || f.json, '') FILTER (WHERE f.kind = 'c' AND f.place <= most),
                      string_agg('{' || f.json || '}', ',' ORDER BY f.mod) FILTER (WHERE f.kind = 'm' AND f.place <= most),
                      string_agg('{' || f.json || CASE f.kind WHEN 'l' THEN ',"role":null}' ELSE '}' END, ',' ORDER BY f.mod)
                          FILTER (WHERE f.kind IN ('u', 'l') AND f.place <= most),
                      c.first_seq,
                      CASE WHEN count(*) > most THEN max(f.mod) FILTER (WHERE f.place <= most) ELSE c.mod END,
                      (count(*) > most)::text)
          FROM found f);
END
$$;
