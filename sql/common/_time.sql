-- SPDX-License-Identifier: Apache-2.0

-- parley._now(): the database's clock in milliseconds, not the transaction's start.
CREATE FUNCTION parley._now() RETURNS timestamptz LANGUAGE sql VOLATILE
RETURN date_trunc('milliseconds', clock_timestamp());

-- parley._time(t): RFC 3339, UTC, milliseconds.
CREATE FUNCTION parley._time(t timestamptz) RETURNS text LANGUAGE sql STABLE STRICT
RETURN to_char(t AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"');

-- parley._time_given(text, name): the time a request names (RFC 3339); NULL stays NULL.
-- Raises: invalid.
CREATE FUNCTION parley._time_given(given text, name text) RETURNS timestamptz LANGUAGE plpgsql STABLE STRICT AS $$
BEGIN
    IF given !~ '^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$' THEN
        PERFORM parley._fail('invalid', format('%s: expected a time such as 2026-11-24T02:10:07.123Z.', name));
    END IF;
    RETURN date_trunc('milliseconds', given::timestamptz);
END
$$;
