-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_audit(token, before, most): what administrators did, newest first.
--
-- Actions: account_create {login, admin} · account_rename {from, to} · account_deactivate · account_reactivate ·
--          account_password · admin_grant · admin_withdraw (subject: the account) ·
--          invite_create {expires} · invite_delete (subject: the invite)
--
-- Parameters: before  the line that the page before ended with, or NULL
--             most    at most so many
-- Returns:    {"audit": [{"id", "time", "account" (null = the installation), "action", "subject", "detail"}], "more"}
-- Raises:     unauthenticated, password_change, forbidden
CREATE FUNCTION api.admin_audit(token bytea, before bigint, most integer) RETURNS text
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM parley._admin(token);
    RETURN (SELECT format('{"audit":[%s],"more":%s}', string_agg(p.json, ',' ORDER BY p.id DESC) FILTER (WHERE p.place <= most),
                          to_json(count(*) > most))
              FROM (SELECT u.id, parley._audit_json(u) AS json, row_number() OVER (ORDER BY u.id DESC) AS place
                      FROM parley.audit u WHERE before IS NULL OR u.id < before
                     ORDER BY u.id DESC LIMIT most + 1) p);
END
$$;

-- parley._audit_json(u): one line of the record.
CREATE FUNCTION parley._audit_json(u parley.audit) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('{"id":"%s","time":"%s","account":%s,"action":%s,"subject":%s,"detail":%s}', u.id, parley._time(u.time),
                  coalesce('"' || u.account_id || '"', 'null'), to_json(u.action), coalesce(to_json(u.subject)::text, 'null'),
                  coalesce(u.detail::text, '{}'));
$$;
