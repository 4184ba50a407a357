-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_health(): whether people can use this installation: that this is answered, and that a relay is alive.
-- Returns: {"status": "ok", "relays": how many}. Raises: unavailable.
CREATE FUNCTION api.login_health() RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    alive integer := (SELECT count(*) FROM parley.relay_node n WHERE parley._relay_alive(n));
BEGIN
    IF alive = 0 THEN
        PERFORM parley._fail('unavailable', 'No relay is alive.', 2);
    END IF;
    RETURN format('{"status":"ok","relays":%s}', alive);
END
$$;
