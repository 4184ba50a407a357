-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_invites(token, before, most): the invites, newest first, with what became of them; never the token.
--
-- Parameters: before  the invite that the page before ended with, or NULL
--             most    at most so many
-- Returns:    {"invites": [as parley._invite_json], "more"}
-- Raises:     unauthenticated, password_change, forbidden
CREATE FUNCTION api.admin_invites(token bytea, before bigint, most integer) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM parley._admin(token);
    RETURN (SELECT format('{"invites":[%s],"more":%s}', string_agg(p.json, ',' ORDER BY p.id DESC) FILTER (WHERE p.place <= most),
                          to_json(count(*) > most))
              FROM (SELECT i.id, parley._invite_json(i) AS json, row_number() OVER (ORDER BY i.id DESC) AS place
                      FROM parley.invite i WHERE before IS NULL OR i.id < before
                     ORDER BY i.id DESC LIMIT most + 1) p);
END
$$;
