-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_sessions(token): the login sessions of the account that calls, the one used last first.
-- Returns: {"sessions": [{"id", "device", "created", "last_seen", "expires", "current"}]}
-- Raises:  unauthenticated, password_change
CREATE FUNCTION api.login_sessions(token bytea) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record;
BEGIN
    SELECT * INTO me FROM parley._session(token);
    RETURN (SELECT format('{"sessions":[%s]}', string_agg(
                       format('{"id":"%s","device":%s,"created":"%s","last_seen":"%s","expires":"%s","current":%s}', s.id,
                              to_json(s.device), parley._time(s.created), parley._time(s.last_seen),
                              parley._time(parley._session_expires(s)), to_json(s.id = me.session_id)),
                       ',' ORDER BY s.last_seen DESC, s.id DESC))
              FROM parley.session s
             WHERE s.account_id = me.account_id AND parley._session_expires(s) > parley._now());
END
$$;
