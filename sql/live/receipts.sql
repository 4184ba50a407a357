-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_receipts(…): the read and received markers that a relay's sessions said since its last call, coalesced; see
-- parley._receipts for everything. Called by the relay alone, which says itself who the accounts are.
CREATE FUNCTION api.live_receipts(accounts bigint[], conversations bigint[], reads bigint[], receiveds bigint[],
                                  small_max integer)
RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT parley._receipts(accounts, conversations, reads, receiveds, small_max);
$$;
