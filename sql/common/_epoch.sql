-- SPDX-License-Identifier: Apache-2.0
--
-- parley._epoch(): the name of the database's timeline; makes a new one where the stored one was made for another place.
--
-- The identity is the cluster's system identifier, the database's and the epoch table's oid, and the WAL timeline (from the
-- name of the WAL file being written: the control file lags). A copy of the disk put back cannot be seen here: whoever
-- restores one calls parley._epoch(true).
--
-- Parameters: renew  true = make a new epoch in any case
-- Tables written: epoch.
CREATE FUNCTION parley._epoch(renew boolean DEFAULT false) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    here  text := concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
                                 (SELECT oid FROM pg_database WHERE datname = current_database()),
                                 'parley.epoch'::regclass::oid,
                                 left(pg_walfile_name(pg_current_wal_lsn()), 8));
    known text;
BEGIN
    SELECT e.epoch INTO known FROM parley.epoch e WHERE e.identity = here;
    IF known IS NULL OR renew THEN
        known := encode(sha256(convert_to(here || gen_random_uuid(), 'UTF8')), 'hex');
        known := left(known, 24);
        INSERT INTO parley.epoch AS e (epoch, identity) VALUES (known, here)
            ON CONFLICT (one) DO UPDATE SET epoch = EXCLUDED.epoch, identity = EXCLUDED.identity
            WHERE renew OR e.identity <> EXCLUDED.identity;
        -- Two programs that connect at once agree on whichever came first.
        SELECT e.epoch INTO known FROM parley.epoch e;
    END IF;
    RETURN known;
END
$$;
