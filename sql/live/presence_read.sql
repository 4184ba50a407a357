-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_presence_read(accounts): what watchers are told of accounts.
--
-- Returns: account  one of those asked for; those that do not exist are left out
--          event    its `presence` event, JSON. Who is invisible or deactivated is told as offline. `profile_mod`, once there
--                   was one, makes a new name or avatar another event: watchers who hold a lower one read the account anew.
CREATE FUNCTION api.live_presence_read(accounts bigint[])
RETURNS TABLE (account bigint, event text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN QUERY
    SELECT a.id,
           format('{"type":"presence","account":"%s","state":"%s"%s%s%s%s}', a.id, s.state,
                  ',"text":' || to_json(a.status_text)::text, ',"emoji":' || to_json(a.status_emoji)::text,
                  CASE WHEN s.state = 'offline' THEN ',"last_seen":"' || parley._time(a.last_seen) || '"' END,
                  ',"profile_mod":' || nullif(a.profile_mod, 0))
      FROM parley.account a
     CROSS JOIN LATERAL (SELECT bool_and(p.away) AS away FROM parley.presence p WHERE p.account_id = a.id) here
     CROSS JOIN LATERAL (
           SELECT CASE WHEN here.away IS NULL OR a.status_state = 'invisible' OR a.deactivated IS NOT NULL THEN 'offline'
                       WHEN a.status_state = 'dnd' THEN 'dnd'
                       WHEN here.away THEN 'away'
                       ELSE 'online' END AS state) s
     WHERE a.id = ANY (accounts);
END
$$;
