-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_beat(relay): a notification that comes back to the relay which sent it, so that it knows that it hears.
-- Returns once committed, not once durable.
--
-- Parameters: relay  its name
-- Notifies:   `b RELAY`
CREATE FUNCTION api.live_beat(relay text) RETURNS void
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_notify('parley', 'b ' || relay);
END
$$;
