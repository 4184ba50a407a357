-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_prune(audit_days): forgets what is over, 20,000 rows of a kind at most: hints after ten minutes; login sessions that
-- have ended; the record of what administrators did, and invites, `audit_days` after they were made or expired; and the next slices
-- of what groups keep no longer (parley._retain) and of what a deleted group leaves (parley._group_delete). Every relay calls it now
-- and then; of those that come at once one does it, and it waits for nobody.
--
-- Returns: whether it stopped at its bound: there may be more
-- Tables written: change_hint, session, audit, invite, those of messages and of a deleted group.
CREATE FUNCTION api.live_prune(audit_days integer) RETURNS boolean
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    most constant integer := 20000;
    old  timestamptz := clock_timestamp() - make_interval(days => audit_days);
    n    bigint;
    more boolean;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('parley.prune', 0)) THEN
        RETURN false;
    END IF;
    DELETE FROM parley.change_hint h
     WHERE h.ctid = ANY (ARRAY(SELECT x.ctid FROM parley.change_hint x
                                WHERE x.time < clock_timestamp() - interval '10 minutes' LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    more := n = most;
    DELETE FROM parley.session s
     WHERE s.id = ANY (ARRAY(SELECT x.id FROM parley.session x WHERE parley._session_expires(x) <= clock_timestamp()
                              LIMIT most FOR UPDATE SKIP LOCKED));
    GET DIAGNOSTICS n = ROW_COUNT;
    more := more OR n = most;
    -- Ids rise with time, so the oldest lines are found by their key.
    DELETE FROM parley.audit a
     WHERE a.time < old AND a.id = ANY (ARRAY(SELECT x.id FROM parley.audit x ORDER BY x.id LIMIT most));
    GET DIAGNOSTICS n = ROW_COUNT;
    more := more OR n = most;
    DELETE FROM parley.invite i WHERE i.expires < old;
    more := parley._retain() OR more;
    RETURN parley._group_delete() OR more;
END
$$;
