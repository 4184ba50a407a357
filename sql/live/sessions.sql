-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_sessions(sessions): are the login sessions behind live ones still good? A live session is use: one that was not used for
-- an hour is used now, so that it does not end for want of use while somebody listens.
--
-- Returns: ended  those that have ended or expired, or whose account is deactivated
-- Tables written: session.last_seen, of rows that nobody holds; without waiting for the disk.
CREATE FUNCTION api.live_sessions(sessions bigint[]) RETURNS TABLE (ended bigint)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    RETURN QUERY
    SELECT g.id FROM unnest(sessions) AS g (id)
     WHERE NOT EXISTS (SELECT FROM parley.session s JOIN parley.account a ON a.id = s.account_id
                        WHERE s.id = g.id AND parley._session_expires(s) > clock_timestamp() AND a.deactivated IS NULL);
    UPDATE parley.session s SET last_seen = parley._now()
     WHERE s.id = ANY (ARRAY(SELECT x.id FROM parley.session x
                              WHERE x.id = ANY (sessions) AND x.last_seen < clock_timestamp() - interval '1 hour'
                                AND parley._session_expires(x) > clock_timestamp()
                                FOR NO KEY UPDATE SKIP LOCKED));
END
$$;
