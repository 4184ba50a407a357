-- SPDX-License-Identifier: Apache-2.0
--
-- What a transaction tells the relays: notification lines, on channel `parley` and, for those that miss it, in change_hint.
--
-- One line a thing, fields parted by one space, lines by a newline; the relay's parser is fcgi/relay/notice.c:
--   m CONVERSATION MOD SENDER REF JSON   a new message: its whole event, without ref (REF is `-` where there is none)
--   c CONVERSATION MOD                   the conversation changed, up to MOD: read what is above the mod held
--   a ACCOUNT ACCOUNT_MOD                the account changed, up to ACCOUNT_MOD: likewise
--   r CONVERSATION ACCOUNT READ RECEIVED SMALL   the markers that moved, 0 = that one did not; SMALL is 1 where members are
--                                        told of them, else 0
--   t CONVERSATION ACCOUNT ON            typing, 1 or 0; never in change_hint
--   p ACCOUNT                            presence or status changed; never in change_hint
--   s SESSION                            the login session has ended
--   e                                    the epoch changed
--   b RELAY                              a relay's heartbeat to itself; never in change_hint
-- A line may come twice, late or never; nothing but speed depends on it.

-- parley._notify(lines): send lines, packed into as few notifications as the 8,000 byte limit allows (no line is longer
-- than 7,900 bytes).
CREATE FUNCTION parley._notify(lines text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    line    text;
    payload text := '';
BEGIN
    FOREACH line IN ARRAY lines LOOP
        IF octet_length(payload) + octet_length(line) >= 7900 THEN
            PERFORM pg_notify('parley', payload);
            payload := '';
        END IF;
        payload := payload || line || E'\n';
    END LOOP;
    IF payload <> '' THEN
        PERFORM pg_notify('parley', payload);
    END IF;
END
$$;

-- parley._tell(lines): notify, and keep the lines as this transaction's hint.
-- Tables written: change_hint.
CREATE FUNCTION parley._tell(lines text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(lines) > 0 THEN
        INSERT INTO parley.change_hint (lines) VALUES (array_to_string(lines, E'\n'));
        PERFORM parley._notify(lines);
    END IF;
END
$$;
