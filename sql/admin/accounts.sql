-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_accounts(token, q, state, admins, after, most): all accounts there are, by login.
--
-- Parameters: q       any part of login or display name; NULL or blank = all
--             state   'active', 'deactivated' or NULL = both
--             admins  true = administrators only, false = all others, NULL = both
--             after   the account that the page before ended with, or NULL
--             most    at most so many
-- Returns:    {"accounts": [as parley._admin_account], "more", "total": how many q, state and admins find}
-- Raises:     unauthenticated, password_change, forbidden, invalid (there is no account `after`)
CREATE FUNCTION api.admin_accounts(token bytea, q text, state text, admins boolean, after bigint, most integer) RETURNS text
-- A plan for this very pattern: one for any would never use the index of names.
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    start text := '';
BEGIN
    PERFORM parley._admin(token);
    IF after IS NOT NULL THEN
        start := parley._directory_start(after);
    END IF;
    RETURN (
        WITH found AS (
            SELECT a FROM parley.account a
             WHERE lower(a.login || ' ' || a.display_name) LIKE parley._search_pattern(q)
               AND (state IS NULL OR (a.deactivated IS NULL) = (state = 'active'))
               AND (admins IS NULL OR a.admin = admins)
        ), page AS (
            SELECT (f.a).login, parley._admin_account(f.a) AS json, row_number() OVER (ORDER BY (f.a).login) AS place
              FROM found f WHERE (f.a).login > start ORDER BY (f.a).login LIMIT most + 1
        )
        SELECT format('{"accounts":[%s],"more":%s,"total":%s}',
                      string_agg(p.json, ',' ORDER BY p.login) FILTER (WHERE p.place <= most), to_json(count(*) > most),
                      (SELECT count(*) FROM found))
          FROM page p);
END
$$;

-- parley._admin_account(a): an account to administrators:
-- {"id", "login", "display_name", "avatar"?, "admin", "deactivated", "deactivated_time" (or null), "must_change_password",
--  "created", "last_seen" (of a device or a login session; or null), "sessions": login sessions that are open}
CREATE FUNCTION parley._admin_account(a parley.account) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT format('{"id":"%s","login":%s,"display_name":%s%s,"admin":%s,"deactivated":%s,"deactivated_time":%s,'
                  '"must_change_password":%s,"created":"%s","last_seen":%s,"sessions":%s}',
                  a.id, to_json(a.login), to_json(a.display_name), ',"avatar":' || to_json(a.avatar)::text, to_json(a.admin),
                  to_json(a.deactivated IS NOT NULL), coalesce('"' || parley._time(a.deactivated) || '"', 'null'),
                  to_json(k.must_change_password), parley._time(a.created),
                  coalesce('"' || parley._time(greatest(a.last_seen, s.last_seen)) || '"', 'null'), s.open)
      FROM parley.credential k,
           (SELECT max(o.last_seen) AS last_seen,
                   count(*) FILTER (WHERE parley._session_expires(o) > clock_timestamp()) AS open
              FROM parley.session o WHERE o.account_id = a.id) s
     WHERE k.account_id = a.id;
$$;
