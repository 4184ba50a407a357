-- SPDX-License-Identifier: Apache-2.0
--
-- api.admin_account_update(token, account, name, is_admin, is_deactivated): changes an account; NULL = as it is.
--
-- Deactivation ends every login session at once; whoever is deactivated cannot log in, is not found in the directory, and
-- keeps its name on what it wrote. Withdrawing administration ends the live connections, so that every device begins anew with
-- what it may do now; its login sessions stay, and what they may do is judged at each request.
--
-- Parameters: name            the new display name, checked
--             is_admin        grant or withdraw administration
--             is_deactivated  deactivate or reactivate
-- Returns:    {"account": as parley._admin_account}
-- Raises:     unauthenticated, password_change, forbidden, not_found, last_admin (no active administrator would be left)
-- Locks:      the account's credential and sessions, its row and those of all active administrators, account_sync.
-- Tables written: account, session, account_sync, change_hint, audit (one line for each thing that is new).
-- Notifies:   `a`, `p`, `s`.
CREATE FUNCTION api.admin_account_update(token bytea, account bigint, name text, is_admin boolean, is_deactivated boolean)
RETURNS text LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me  bigint := parley._admin(token, false);
    old parley.account;
    new parley.account;
BEGIN
    PERFORM parley._account_lock(account, true);
    -- Others may have changed who I am while I waited.
    PERFORM parley._admin(token, false);
    SELECT * INTO old FROM parley.account a WHERE a.id = account;
    IF NOT FOUND THEN
        PERFORM parley._fail('not_found');
    END IF;
    UPDATE parley.account a
       SET display_name = coalesce(name, a.display_name),
           admin = coalesce(is_admin, a.admin),
           deactivated = CASE WHEN coalesce(is_deactivated, a.deactivated IS NOT NULL)
                              THEN coalesce(a.deactivated, parley._now()) END
     WHERE a.id = account
       AND (a.display_name, a.admin, a.deactivated IS NOT NULL)
           IS DISTINCT FROM (coalesce(name, a.display_name), coalesce(is_admin, a.admin),
                             coalesce(is_deactivated, a.deactivated IS NOT NULL))
    RETURNING * INTO new;
    IF FOUND THEN
        IF NOT EXISTS (SELECT FROM parley.account a WHERE a.admin AND a.deactivated IS NULL) THEN
            PERFORM parley._fail('last_admin');
        END IF;
        PERFORM parley._admin_changed(me, old, new);
    END IF;
    RETURN parley._admin_account_of(account);
END
$$;

-- parley._admin_changed(me, old, new): what follows from a change of an account by an administrator.
CREATE FUNCTION parley._admin_changed(me bigint, old parley.account, new parley.account) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF new.display_name <> old.display_name THEN
        PERFORM parley._audit(me, 'account_rename', new.id, jsonb_build_object('from', old.display_name, 'to', new.display_name));
    END IF;
    IF new.admin <> old.admin THEN
        PERFORM parley._audit(me, CASE WHEN new.admin THEN 'admin_grant' ELSE 'admin_withdraw' END, new.id);
    END IF;
    IF new.deactivated IS NOT NULL AND old.deactivated IS NULL THEN
        PERFORM parley._audit(me, 'account_deactivate', new.id);
        PERFORM parley._session_end_all(new.id);
    ELSIF new.deactivated IS NULL AND old.deactivated IS NOT NULL THEN
        PERFORM parley._audit(me, 'account_reactivate', new.id);
    END IF;
    IF old.admin AND NOT new.admin THEN
        PERFORM parley._tell((SELECT array_agg('s ' || s.id ORDER BY s.id) FROM parley.session s WHERE s.account_id = new.id));
    END IF;
    PERFORM parley._account_changed(new.id);
END
$$;
