-- SPDX-License-Identifier: Apache-2.0
--
-- api.live_post(…): a batch of commands of a relay's sessions, in one transaction; see parley._post for everything.
-- Called by the relay alone, which has checked every text, length and id and says itself who the accounts are.
CREATE FUNCTION api.live_post(kinds text[], accounts bigint[], conversations bigint[], refs uuid[], bodies text[],
                              seqs bigint[], bases bigint[], replies bigint[], threads bigint[], mentions text[])
RETURNS TABLE (item bigint, problem text, id bigint, seq bigint, mod bigint, "time" text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- plpgsql, not sql: its plan is kept for the session.
    RETURN QUERY SELECT p.item, p.problem, p.id, p.seq, p.mod, p."time"
      FROM parley._post(kinds, accounts, conversations, refs, bodies, seqs, bases, replies, threads, mentions) p;
END
$$;
