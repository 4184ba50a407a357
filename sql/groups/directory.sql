-- SPDX-License-Identifier: Apache-2.0
--
-- api.groups_directory(token, q, after, most): the public groups that can be joined, in the order of ids.
--
-- Parameters: q      words of the title, in order, any case; NULL = all
--             after  ids above it
--             most   rows
-- Returns: {"groups": [{what everybody sees, "my_role"} …], "more"}; my_role is null where the caller is not in it
-- Raises:  unauthenticated, password_change
CREATE FUNCTION api.groups_directory(token bytea, q text, after bigint, most integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
BEGIN
    RETURN (
        WITH found AS (
            SELECT c FROM parley.conversation c
             WHERE c.visibility = 'public' AND c.deleted IS NULL AND c.archived IS NULL AND c.id > coalesce(after, 0)
               AND lower(c.title) LIKE parley._search_pattern(q)
             ORDER BY c.id LIMIT most + 1
        ), page AS (
            SELECT * FROM found ORDER BY (c).id LIMIT most
        )
        SELECT format('{"groups":[%s],"more":%s}',
                      (SELECT string_agg(parley._group_json(p.c, me.account_id), ',' ORDER BY (p.c).id) FROM page p),
                      (SELECT count(*) > most FROM found)::text));
END
$$;

-- parley._group_json(c, account): a group to somebody who may be no member.
CREATE FUNCTION parley._group_json(c parley.conversation, account bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('{%s,"my_role":%s}', parley._conversation_members(c),
                  coalesce((SELECT to_json(u.role)::text FROM parley.membership u
                             WHERE u.conversation_id = c.id AND u.account_id = account), 'null'));
$$;
