-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_accounts(token, q, after, most): the directory of people, by login; who is deactivated is not in it.
--
-- Parameters: q      any part of login or display name, in any case; NULL or blank = everybody
--             after  the account that the page before ended with, or NULL
--             most   at most so many
-- Returns:    {"accounts": [{"id", "login", "display_name", "avatar"?}], "more"}
-- Raises:     unauthenticated, password_change, invalid (there is no account `after`)
CREATE FUNCTION api.login_accounts(token bytea, q text, after bigint, most integer) RETURNS text
-- A plan for this very pattern: one for any would never use the index of names.
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    start text := '';
BEGIN
    PERFORM parley._session(token);
    IF after IS NOT NULL THEN
        start := parley._directory_start(after);
    END IF;
    RETURN (SELECT format('{"accounts":[%s],"more":%s}', string_agg(p.json, ',' ORDER BY p.login) FILTER (WHERE p.place <= most),
                          to_json(count(*) > most))
              FROM (SELECT a.login, parley._account_public(a) AS json, row_number() OVER (ORDER BY a.login) AS place
                      FROM parley.account a
                     WHERE lower(a.login || ' ' || a.display_name) LIKE parley._search_pattern(q)
                       AND a.login > start AND a.deactivated IS NULL
                     ORDER BY a.login LIMIT most + 1) p);
END
$$;

-- parley._directory_start(after): the login after which the next page of a list of accounts begins.
CREATE FUNCTION parley._directory_start(after bigint) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE
    start text := (SELECT a.login FROM parley.account a WHERE a.id = after);
BEGIN
    IF start IS NULL THEN
        PERFORM parley._fail('invalid', 'after names no account.');
    END IF;
    RETURN start;
END
$$;
