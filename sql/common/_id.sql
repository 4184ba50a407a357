-- SPDX-License-Identifier: Apache-2.0
--
-- parley._id(): a new time-sortable 64-bit id: milliseconds since 2020-01-01 (41 bits), node (10 bits, 0 for the one
-- database of this version), counter (12 bits).
CREATE FUNCTION parley._id() RETURNS bigint LANGUAGE sql VOLATILE
RETURN (((extract(epoch FROM clock_timestamp()) * 1000)::bigint - 1577836800000) << 22)
       | (nextval('parley.id_counter') & 4095);
