-- SPDX-License-Identifier: Apache-2.0
--
-- api.common_connect(program): what a program must know of the database at each new connection.
--
-- Parameters: program  its name, for the record in pg_stat_activity only
-- Returns:    one row: the schema's version and the oldest program it still serves, the epoch, and the settings a program
--             refuses to run without (encoding UTF8, fsync, synchronous_commit and full_page_writes on).
-- Tables written: epoch, where the database turns out to be a restored one.
CREATE FUNCTION api.common_connect(program text)
RETURNS TABLE (version integer, min_program integer, epoch text, encoding text, server_version integer,
               fsync text, synchronous_commit text, full_page_writes text)
LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT (SELECT max(m.number)::integer FROM parley.migration m), (SELECT c.min_program FROM parley.compatibility c),
           parley._epoch(), pg_encoding_to_char(d.encoding), current_setting('server_version_num')::integer,
           current_setting('fsync'), current_setting('synchronous_commit'), current_setting('full_page_writes')
      FROM pg_database d WHERE d.datname = current_database() AND program IS NOT NULL;
$$;
