-- SPDX-License-Identifier: Apache-2.0
--
-- Ids end with 12 bits of a counter. Kept ahead by each connection, as it was, the numbers of one that is seldom used could meet
-- those of a busy one a whole round later within the same millisecond: two messages with one id.

ALTER SEQUENCE parley.id_counter CACHE 1;
