-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_relays(token): every relay that has a lease, also one that lost it and is not yet cleared away, by name.
-- Returns: {"relays": [{"name", "url", "region", "load", "beat": time, "age": seconds since, "alive"}]}
-- Raises:  unauthenticated, password_change, forbidden
CREATE FUNCTION api.admin_relays(token bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM parley._admin(token);
    RETURN (SELECT format('{"relays":[%s]}', string_agg(
                       format('{"name":%s,"url":%s,"region":%s,"load":%s,"beat":"%s","age":%s,"alive":%s}', to_json(n.name),
                              to_json(n.url), to_json(n.region), n.load, parley._time(n.beat),
                              round(extract(epoch FROM clock_timestamp() - n.beat), 1), to_json(parley._relay_alive(n))),
                       ',' ORDER BY n.name))
              FROM parley.relay_node n);
END
$$;
