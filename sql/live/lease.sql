-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_lease(…): a relay says that it is alive, every 2 s; by the database's clock it is dead after 7 s of silence.
--
-- Parameters: node     its name
--             held     the incarnation it had from the last call; 0 = none yet, or lost: it starts a new life
--             address  its URL, a path of this origin
--             area     its region, '' = none
--             share    its load, 0 to 1; below 0 = it is stopping: nobody is sent there any more
--             judge    clear away relays that are dead
--             sweep    also clear the presence of former lives of this relay, and of relays that are not there
-- Returns:    the incarnation from now on: `held`, or a new one where the row was taken for dead; 0 = another process has
--             this name now
-- Tables written: relay_node, presence, account.last_seen; without waiting for the disk.
-- Notifications: `p` of every account whose presence was cleared.
CREATE FUNCTION api.live_lease(node text, held bigint, address text, area text, share real, judge boolean, sweep boolean)
RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    life bigint := held;
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    IF life > 0 THEN
        -- One that stops looks 4 s old at once, so that it is cleared away before 10 s, and not before its clients moved on.
        UPDATE parley.relay_node n
           SET url = address, region = area, load = share,
               beat = clock_timestamp() - CASE WHEN share < 0 THEN interval '4 seconds' ELSE interval '0' END
         WHERE n.name = node AND n.incarnation = life;
        IF NOT FOUND THEN
            life := CASE WHEN EXISTS (SELECT FROM parley.relay_node n WHERE n.name = node) THEN 0 END;
        END IF;
    END IF;
    IF life IS NULL OR held = 0 THEN
        life := parley._id();
        INSERT INTO parley.relay_node AS n (name, incarnation, url, region, load, beat)
        VALUES (node, life, address, area, share, clock_timestamp())
        ON CONFLICT (name) DO UPDATE SET incarnation = life, url = address, region = area, load = share,
                                         beat = clock_timestamp();
    END IF;
    IF judge THEN
        PERFORM parley._relays_bury();
    END IF;
    IF sweep THEN
        PERFORM parley._presence_sweep(node, life);
    END IF;
    RETURN life;
END
$$;

-- parley._relays_bury(): clears away relays that are dead, with their presence. Several may do it at once.
CREATE FUNCTION parley._relays_bury() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    dead     text[];
    accounts bigint[];
BEGIN
    WITH old AS (
        SELECT n.name FROM parley.relay_node n
         WHERE n.beat <= clock_timestamp() - interval '7 seconds' ORDER BY n.name FOR UPDATE SKIP LOCKED
    ), buried AS (
        DELETE FROM parley.relay_node n USING old WHERE n.name = old.name RETURNING n.name
    )
    SELECT array_agg(b.name) INTO dead FROM buried b;
    IF dead IS NOT NULL THEN
        WITH gone AS (DELETE FROM parley.presence p WHERE p.relay = ANY (dead) RETURNING p.account_id)
        SELECT array_agg(DISTINCT g.account_id) INTO accounts FROM gone g;
        PERFORM parley._presence_gone(accounts);
    END IF;
END
$$;

-- parley._presence_sweep(node, life): clears what former lives of the relay left in presence, and relays that are no more. Several
-- may do it at once.
CREATE FUNCTION parley._presence_sweep(node text, life bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    accounts bigint[];
BEGIN
    WITH left_over AS (
        SELECT p.account_id, p.relay FROM parley.presence p
         WHERE CASE WHEN p.relay = _presence_sweep.node THEN p.incarnation <> life
                    ELSE NOT EXISTS (SELECT FROM parley.relay_node n WHERE n.name = p.relay) END
           FOR UPDATE SKIP LOCKED
    ), gone AS (
        DELETE FROM parley.presence p USING left_over o WHERE p.account_id = o.account_id AND p.relay = o.relay
        RETURNING p.account_id
    )
    SELECT array_agg(DISTINCT g.account_id) INTO accounts FROM gone g;
    PERFORM parley._presence_gone(accounts);
END
$$;
