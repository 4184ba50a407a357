-- SPDX-License-Identifier: Apache-2.0
--
-- parley._account_changed(account): the account's profile has changed in this transaction, whose caller holds the account's
-- row: takes an account_mod and says so to the account's devices (`a`) and to who watches it (`p`: its name may be another).
-- Tables written: account.profile_mod, account_sync, change_hint.
CREATE FUNCTION parley._account_changed(account bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    next bigint := parley._account_mod(account);
BEGIN
    UPDATE parley.account a SET profile_mod = next WHERE a.id = account;
    PERFORM parley._tell(ARRAY[format('a %s %s', account, next)]);
    PERFORM parley._notify(ARRAY[format('p %s', account)]);
END
$$;
