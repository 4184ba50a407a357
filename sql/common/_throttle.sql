-- SPDX-License-Identifier: Apache-2.0
--
-- parley._throttle(kind, key, most, seconds): counts one try in the key's window, for all workers of all hosts alike.
--
-- A window begins with the first try and lasts `seconds`; tries above `most` are refused until it is over. Must not be
-- called where a later error would undo the count: callers return what it says instead of raising.
--
-- Parameters: kind     what is counted: 'login', 'login_ip', 'register', 'password'
--             key      for whom
--             most     tries in a window; NULL = no limit, nothing is counted
--             seconds  the window's length
-- Returns:    0 = go on, else the seconds until the window is over
-- Tables written: throttle (one call in a hundred also removes the kind's windows that are over).
CREATE FUNCTION parley._throttle(kind text, key text, most integer, seconds integer) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    length interval := make_interval(secs => seconds);
    t      parley.throttle;
BEGIN
    IF most IS NULL OR key IS NULL THEN
        RETURN 0;
    END IF;
    INSERT INTO parley.throttle AS o (kind, key, window_start, count)
        VALUES (_throttle.kind, _throttle.key, parley._now(), 1)
        ON CONFLICT ON CONSTRAINT throttle_pkey DO UPDATE
           SET count = CASE WHEN o.window_start + length > EXCLUDED.window_start THEN least(o.count, most) + 1 ELSE 1 END,
               window_start = CASE WHEN o.window_start + length > EXCLUDED.window_start THEN o.window_start
                                   ELSE EXCLUDED.window_start END
        RETURNING * INTO t;
    IF random() < 0.01 THEN
        DELETE FROM parley.throttle o
         WHERE o.ctid = ANY (ARRAY(SELECT x.ctid FROM parley.throttle x
                                    WHERE x.kind = _throttle.kind AND x.window_start + length < clock_timestamp()
                                      FOR UPDATE SKIP LOCKED));
    END IF;
    IF t.count <= most THEN
        RETURN 0;
    END IF;
    RETURN greatest(1, ceil(extract(epoch FROM t.window_start + length - parley._now())));
END
$$;
