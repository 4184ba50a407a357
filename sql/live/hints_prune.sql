-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_hints_prune(): forgets hints older than ten minutes. Every relay calls it now and then; of those that come at once
-- one does it.
--
-- Returns: how many were removed
-- Tables written: change_hint.
CREATE FUNCTION api.live_hints_prune() RETURNS bigint
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    removed bigint := 0;
BEGIN
    IF pg_try_advisory_xact_lock(hashtextextended('parley.change_hint', 0)) THEN
        DELETE FROM parley.change_hint h WHERE h.time < clock_timestamp() - interval '10 minutes';
        GET DIAGNOSTICS removed = ROW_COUNT;
    END IF;
    RETURN removed;
END
$$;
