-- SPDX-License-Identifier: Apache-2.0
--
-- api.history_read(token, conversation, seq, small_max): the caller has read up to seq; see parley._receipts.
--
-- Returns: NULL
-- Raises:  unauthenticated, password_change, not_found, not_a_member
CREATE FUNCTION api.history_read(token bytea, conversation bigint, seq bigint, small_max integer) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    me record := parley._session(token);
BEGIN
    PERFORM parley._member(conversation, me.account_id);
    PERFORM parley._receipts(ARRAY[me.account_id], ARRAY[conversation], ARRAY[seq], ARRAY[NULL::bigint], small_max);
    RETURN NULL;
END
$$;
