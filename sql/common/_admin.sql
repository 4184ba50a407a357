-- SPDX-License-Identifier: Apache-2.0

-- parley._admin(token, touch): the account that calls, which must be an admin's; touch as in parley._session.
-- Raises: unauthenticated, password_change, forbidden
CREATE FUNCTION parley._admin(token bytea, touch boolean DEFAULT true) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    me record;
BEGIN
    SELECT * INTO me FROM parley._session(token, false, touch);
    IF NOT me.admin THEN
        PERFORM parley._fail('forbidden', 'This is for administrators.');
    END IF;
    RETURN me.account_id;
END
$$;

-- parley._audit(account, action, subject, detail): one line of the record of what administrators did.
--
-- Parameters: account  who; NULL = the installation itself
--             action   '<thing>_<verb>', as sql/admin/audit.sql lists them
--             subject  the id of what it was done to
--             detail   what else is worth keeping; never a secret
-- Tables written: audit.
CREATE FUNCTION parley._audit(account bigint, action text, subject bigint, detail jsonb DEFAULT NULL) RETURNS void
LANGUAGE sql VOLATILE AS $$
    INSERT INTO parley.audit (id, time, account_id, action, subject, detail)
        VALUES (parley._id(), parley._now(), account, action, subject::text, detail);
$$;
