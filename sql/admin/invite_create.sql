-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_invite_create(token, invite, days): a single-use invitation to register.
--
-- Parameters: invite  the hash of the invite's token, which only the caller has
--             days    until it expires
-- Returns:    {"invite": as parley._invite_json}
-- Raises:     unauthenticated, password_change, forbidden
-- Tables written: invite, audit.
CREATE FUNCTION api.admin_invite_create(token bytea, invite bytea, days integer) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := parley._admin(token);
    i  parley.invite;
BEGIN
    INSERT INTO parley.invite (id, token_hash, created_by, created, expires)
        SELECT parley._id(), invite, me, n.now, n.now + make_interval(days => admin_invite_create.days)
          FROM (SELECT parley._now() AS now) n
        RETURNING * INTO i;
    PERFORM parley._audit(me, 'invite_create', i.id, jsonb_build_object('expires', parley._time(i.expires)));
    RETURN format('{"invite":%s}', parley._invite_json(i));
END
$$;

-- parley._invite_json(i): {"id", "state": "open" | "used" | "expired", "created", "created_by", "expires", "used"?, "used_by"?}
CREATE FUNCTION parley._invite_json(i parley.invite) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('{"id":"%s","state":"%s","created":"%s","created_by":"%s","expires":"%s"%s}', i.id,
                  CASE WHEN i.used IS NOT NULL THEN 'used' WHEN i.expires <= clock_timestamp() THEN 'expired' ELSE 'open' END,
                  parley._time(i.created), i.created_by, parley._time(i.expires),
                  CASE WHEN i.used IS NOT NULL THEN format(',"used":"%s","used_by":"%s"', parley._time(i.used), i.used_by) END);
$$;
