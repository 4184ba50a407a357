-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_hints(last, most): what was told since a relay looked last, whether or not the notifications came: reconciliation.
--
-- Parameters: last  `next` of the call before; NULL = only say where to begin. What that snapshot saw is not listed again
--             most  more hints than these are not listed
-- Returns one row, all of it out of one snapshot:
--   next     the snapshot: which transactions had ended, so that what commits late is not skipped, and nothing is listed twice
--            while some other transaction runs for long
--   now_ms   the database's clock, milliseconds since 1970: who was away for as long as hints are kept has missed some
--   missed   there were more than `most`: compare everything
--   lines    the lines of all hints (parley._tell), NULL = none
CREATE FUNCTION api.live_hints(last pg_snapshot, most integer)
RETURNS TABLE (next pg_snapshot, now_ms bigint, missed boolean, lines text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    next := pg_current_snapshot();
    now_ms := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    SELECT count(*) > most, string_agg(rtrim(h.lines, E'\n'), E'\n') INTO missed, lines
      FROM (SELECT x.lines FROM parley.change_hint x
             WHERE x.xid >= pg_snapshot_xmin(last) AND NOT pg_visible_in_snapshot(x.xid, last)
             ORDER BY x.xid LIMIT most + 1) h;
    IF missed THEN
        lines := NULL;
    END IF;
    RETURN NEXT;
END
$$;
