-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_status(account, state, words, emoji): what a person says of itself, for all its devices.
--
-- Parameters: state  'online', 'dnd' or 'invisible'; NULL = as it is (`away` belongs to a live session, not to the account)
--             words, emoji  NULL = as they are, '' = none
-- Tables written: account, account_sync, change_hint, where something changes.
-- Notifications: `a` and `p` of the account.
CREATE FUNCTION api.live_status(account bigint, state text, words text, emoji text)
RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    a   parley.account;
    new parley.account;
BEGIN
    SELECT * INTO a FROM parley.account x WHERE x.id = account FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    new := a;
    new.status_state := coalesce(state, a.status_state);
    new.status_text := CASE WHEN words IS NULL THEN a.status_text ELSE nullif(words, '') END;
    new.status_emoji := CASE WHEN emoji IS NULL THEN a.status_emoji ELSE nullif(emoji, '') END;
    IF new.status_state = 'invisible' AND a.status_state <> 'invisible' THEN
        new.last_seen := parley._now();
    END IF;
    IF new IS DISTINCT FROM a THEN
        UPDATE parley.account x
           SET status_state = new.status_state, status_text = new.status_text, status_emoji = new.status_emoji,
               last_seen = new.last_seen
         WHERE x.id = account;
        PERFORM parley._account_changed(account);
    END IF;
END
$$;
