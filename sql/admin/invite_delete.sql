-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_invite_delete(token, invite): withdraws an invite; one that was used only leaves the list.
-- Returns: NULL. Raises: unauthenticated, password_change, forbidden, not_found. Tables written: invite, audit.
CREATE FUNCTION api.admin_invite_delete(token bytea, invite bigint) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me bigint := parley._admin(token);
BEGIN
    DELETE FROM parley.invite i WHERE i.id = invite;
    IF NOT FOUND THEN
        PERFORM parley._fail('not_found');
    END IF;
    PERFORM parley._audit(me, 'invite_delete', invite);
    RETURN NULL;
END
$$;
