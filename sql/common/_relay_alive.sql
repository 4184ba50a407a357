-- SPDX-License-Identifier: Apache-2.0
--
-- parley._relay_alive(n): the relay has renewed its lease within 7 seconds, by the database's clock, and is not stopping.
CREATE FUNCTION parley._relay_alive(n parley.relay_node) RETURNS boolean LANGUAGE sql VOLATILE
RETURN n.load >= 0 AND n.beat > clock_timestamp() - interval '7 seconds';
