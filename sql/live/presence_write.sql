-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_presence_write(…): which accounts have live sessions on a relay, as far as that has changed.
--
-- Parameters: node, life  the relay and its incarnation; nothing is written for one that is no more
--             accounts     ascending, each once
--             aways        of each: true = all its sessions here are away, false = here, NULL = no session here any more
-- Tables written: presence, account.last_seen; without waiting for the disk.
-- Notifications: `p` of every account whose row has changed.
CREATE FUNCTION api.live_presence_write(node text, life bigint, accounts bigint[], aways boolean[])
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    gone bigint[];
    here bigint[];
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    IF NOT EXISTS (SELECT FROM parley.relay_node n WHERE n.name = node AND n.incarnation = life) THEN
        RETURN;
    END IF;
    WITH said AS (
        SELECT s.account, s.away FROM unnest(accounts, aways) AS s (account, away) WHERE s.away IS NULL
    ), removed AS (
        DELETE FROM parley.presence p USING said s
         WHERE p.account_id = s.account AND p.relay = node RETURNING p.account_id
    )
    SELECT array_agg(r.account_id) INTO gone FROM removed r;
    WITH said AS (
        SELECT s.account, s.away FROM unnest(accounts, aways) AS s (account, away) WHERE s.away IS NOT NULL ORDER BY 1
    ), before AS (
        SELECT p.account_id, p.away FROM parley.presence p JOIN said s ON s.account = p.account_id
         WHERE p.relay = node
    ), written AS (
        INSERT INTO parley.presence AS p (account_id, relay, incarnation, away)
        SELECT s.account, node, life, s.away FROM said s
        ON CONFLICT (account_id, relay) DO UPDATE SET incarnation = EXCLUDED.incarnation, away = EXCLUDED.away
        RETURNING p.account_id, p.away
    )
    SELECT array_agg(w.account_id ORDER BY w.account_id) INTO here
      FROM written w LEFT JOIN before b ON b.account_id = w.account_id
     WHERE b.away IS DISTINCT FROM w.away;
    PERFORM parley._presence_gone(gone);
    IF here IS NOT NULL THEN
        PERFORM parley._notify((SELECT array_agg('p ' || a) FROM unnest(here) a));
    END IF;
END
$$;

-- parley._presence_gone(accounts): rows of these accounts are gone from presence: writes when those were last seen that have
-- none left, and tells the watchers. NULL = none. Who is invisible was last seen when it became so.
-- Tables written: account.last_seen.
CREATE FUNCTION parley._presence_gone(accounts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF accounts IS NULL THEN
        RETURN;
    END IF;
    WITH last AS (
        SELECT a.id FROM parley.account a
         WHERE a.id = ANY (accounts) AND a.status_state <> 'invisible'
           AND NOT EXISTS (SELECT FROM parley.presence p WHERE p.account_id = a.id)
         ORDER BY a.id FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE parley.account a SET last_seen = parley._now() FROM last WHERE a.id = last.id;
    PERFORM parley._notify((SELECT array_agg('p ' || a ORDER BY a) FROM unnest(accounts) a));
END
$$;
