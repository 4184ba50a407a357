-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_member(account, conversation): whether an account is a member now; asked by a relay that does not know it as one
-- (yet, or any more).
CREATE FUNCTION api.live_member(account bigint, conversation bigint) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM parley.membership u JOIN parley.conversation c ON c.id = u.conversation_id
                    WHERE u.conversation_id = live_member.conversation AND u.account_id = live_member.account
                      AND u.role IS NOT NULL AND c.deleted IS NULL);
END
$$;
