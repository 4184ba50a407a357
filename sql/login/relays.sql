-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_relays(token): where a client should connect: the relays that are alive, the least loaded first, equals in random
-- order, so that a crowd spreads.
-- Returns: {"relays": [{"name", "url", "region", "load"}]}. Raises: unauthenticated, password_change.
CREATE FUNCTION api.login_relays(token bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM parley._session(token);
    RETURN (SELECT format('{"relays":[%s]}', string_agg(
                       format('{"name":%s,"url":%s,"region":%s,"load":%s}', to_json(n.name), to_json(n.url), to_json(n.region),
                              n.load), ',' ORDER BY n.load, random()))
              FROM parley.relay_node n WHERE parley._relay_alive(n));
END
$$;
