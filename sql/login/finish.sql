-- SPDX-License-Identifier: Apache-2.0
--
-- api.login_finish(…): the second half of a login, after the password was found right: opens a session.
--
-- Parameters: account       from api.login_begin
--             checked       the password hash that was compared: another one by now means another password
--             rehashed      the same password with the parameters configured now, or NULL
--             token         the hash of the new session's token
--             device        what the person will know it by
--             address       where it was opened
--             idle_seconds  how long it may stay unused
--             sessions_max  of an account: above it the longest unused end
-- Returns:    {"account": …, "session": {"id", "expires"}}
-- Raises:     bad_login
-- Locks:      the account's credential, then the sessions that end. Tables written: session, credential, change_hint. Notifies: `s` for each that ended.
CREATE FUNCTION api.login_finish(account bigint, checked text, rehashed text, token bytea, device text, address text,
                                 idle_seconds integer, sessions_max integer)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a parley.account;
    s parley.session;
BEGIN
    PERFORM FROM parley.credential k WHERE k.account_id = account AND k.password_hash = checked FOR NO KEY UPDATE;
    IF FOUND THEN
        SELECT * INTO a FROM parley.account x WHERE x.id = account AND x.deactivated IS NULL;
    END IF;
    IF a.id IS NULL THEN
        PERFORM parley._fail('bad_login');
    END IF;
    IF rehashed IS NOT NULL THEN
        UPDATE parley.credential k SET password_hash = rehashed WHERE k.account_id = account;
    END IF;
    -- Those whose time is over, and the longest unused, to leave room for one.
    PERFORM parley._session_end((
        SELECT array_agg(x.id)
          FROM (SELECT o.id, parley._session_expires(o) <= parley._now() AS over,
                       row_number() OVER (ORDER BY o.last_seen DESC, o.id DESC) AS place
                  FROM parley.session o WHERE o.account_id = account) x
         WHERE x.over OR x.place >= sessions_max));
    INSERT INTO parley.session (id, account_id, token_hash, device, address, created, last_seen, idle_seconds)
        SELECT parley._id(), account, token, login_finish.device, login_finish.address, n.now, n.now, login_finish.idle_seconds
          FROM (SELECT parley._now() AS now) n
        RETURNING * INTO s;
    RETURN format('{"account":%s,"session":{"id":"%s","expires":"%s"}}', parley._account_json(a), s.id,
                  parley._time(parley._session_expires(s)));
END
$$;
