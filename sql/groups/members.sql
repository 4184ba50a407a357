-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_members(token, conversation, after, most): who is in a conversation, direct ones too, in the order of ids.
--
-- Returns: {"members": [{"account", "role", "read_seq", "received_seq", "joined", "mod"} …], "more"}
-- Raises:  unauthenticated, password_change, not_found, not_a_member
CREATE FUNCTION api.groups_members(token bytea, conversation bigint, after bigint, most integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
BEGIN
    PERFORM parley._member(conversation, me.account_id);
    RETURN (
        WITH found AS (
            SELECT u FROM parley.membership u
             WHERE u.conversation_id = conversation AND u.account_id > coalesce(after, 0) AND u.role IS NOT NULL
             ORDER BY u.account_id LIMIT most + 1
        ), page AS (
            SELECT * FROM found ORDER BY (u).account_id LIMIT most
        )
        SELECT format('{"members":[%s],"more":%s}',
                      (SELECT string_agg(parley._member_json(p.u), ',' ORDER BY (p.u).account_id) FROM page p),
                      (SELECT count(*) > most FROM found)::text));
END
$$;

-- parley._member_json(u): a member to the others.
CREATE FUNCTION parley._member_json(u parley.membership) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('{"account":"%s","role":%s,"read_seq":%s,"received_seq":%s,"joined":"%s","mod":%s}', u.account_id,
                  coalesce(to_json(u.role)::text, 'null'), u.read_seq, u.received_seq, parley._time(u.joined), u.mod);
$$;
