-- SPDX-License-Identifier: Apache-2.0
--
-- parley._fail(problem, detail, retry_after): refuse the call with a problem of the error table in fcgi/lib/error.c.
--
-- Parameters: problem      the problem's stable name, as in urn:parley:<problem>
--             detail       for people: what to do about it; NULL = the problem's title says enough
--             retry_after  seconds after which to try again; NULL = no such promise
-- Raises:     PY000 always: MESSAGE is the name, DETAIL the detail, HINT the seconds.
CREATE FUNCTION parley._fail(problem text, detail text DEFAULT NULL, retry_after integer DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'PY000', MESSAGE = problem,
        DETAIL = coalesce(detail, ''), HINT = coalesce(retry_after::text, '');
END
$$;
