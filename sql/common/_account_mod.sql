-- SPDX-License-Identifier: Apache-2.0
--
-- parley._account_mod(account): takes the account's next account_mod; holds its account_sync row until the end of the
-- transaction. Callers that take several do so in ascending order of account, after every conversation and membership lock.
-- Tables written: account_sync.
CREATE FUNCTION parley._account_mod(account bigint) RETURNS bigint LANGUAGE sql VOLATILE AS $$
    UPDATE parley.account_sync s SET account_mod = s.account_mod + 1 WHERE s.account_id = account RETURNING s.account_mod;
$$;
