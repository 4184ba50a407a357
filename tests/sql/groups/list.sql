-- SPDX-License-Identifier: Apache-2.0
-- The list's counts, against counting by hand, over random conversations.
\ir ../fixture.psql
BEGIN;
SELECT plan(9);
SELECT setseed(0.42);
SELECT t.person('p' || n) FROM generate_series(1, 6) n;
SELECT t.group('p1', 'p2', 'p3', 'p4', 'p5', 'p6') AS g, t.direct('p1', 'p2') AS d, t.group('p2', 'p1', 'p3') AS h \gset

-- t.noise(n): random sends, edits, deletions, receipts, leaves and returns.
CREATE FUNCTION t.noise(places bigint[], n integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    who   text;
    place bigint;
    top   bigint;
BEGIN
    FOR i IN 1 .. n LOOP
        who := 'p' || 1 + floor(random() * 6)::integer;
        place := places[1 + floor(random() * cardinality(places))::integer];
        top := (SELECT last_seq FROM parley.conversation WHERE id = place);
        CASE floor(random() * 8)::integer
        WHEN 0, 1, 2, 3 THEN PERFORM t.say(who, place, 'm' || i, CASE WHEN random() < 0.5 THEN t.ids('p1', 'p3', who) END);
        WHEN 4 THEN PERFORM t.do(who, 'delete', place, NULL, 1 + floor(random() * top)::bigint);
        WHEN 5 THEN PERFORM t.do(who, 'edit', place, 'e' || i, 1 + floor(random() * top)::bigint, mentions => CASE WHEN random() < 0.5 THEN t.ids('p2') END);
        WHEN 6 THEN PERFORM t.read(who, place, floor(random() * (top + 2))::bigint);
        ELSE
            IF who <> 'p1' AND EXISTS (SELECT FROM parley.membership WHERE conversation_id = places[1] AND account_id = t.id(who) AND role IS NOT NULL) THEN
                PERFORM api.groups_remove(t.token(who), places[1], t.id(who));
            ELSIF who <> 'p1' THEN
                PERFORM api.groups_add(t.token('p1'), places[1], ARRAY[t.id(who)], NULL);
            END IF;
        END CASE;
    END LOOP;
END
$$;
-- t.by_hand(): every member's counts, from the definition in the contract.
CREATE VIEW t.by_hand AS
    SELECT u.conversation_id, u.account_id,
           count(m) FILTER (WHERE m.sender_id <> u.account_id AND NOT m.system AND NOT m.deleted) AS unread,
           count(m) FILTER (WHERE m.sender_id <> u.account_id AND NOT m.system AND NOT m.deleted AND u.account_id = ANY (m.mentions)) AS mentions
      FROM parley.membership u LEFT JOIN parley.message m ON m.conversation_id = u.conversation_id AND m.seq > u.read_seq
     WHERE u.role IS NOT NULL
     GROUP BY u.conversation_id, u.account_id;
CREATE VIEW t.listed AS
    SELECT (c ->> 'id')::bigint AS conversation_id, a.id AS account_id, (c ->> 'unread')::bigint AS unread, (c ->> 'mentions')::bigint AS mentions
      FROM parley.account a, jsonb_array_elements(api.groups_conversations(t.token(a.login), NULL, 1000)::jsonb -> 'conversations') c;

SELECT t.noise(ARRAY[:g, :d, :h], 150);
SELECT set_eq('TABLE t.listed', 'TABLE t.by_hand', 'unread and mentions are as counted by hand');
SELECT t.noise(ARRAY[:g, :d, :h], 150);
SELECT set_eq('TABLE t.listed', 'TABLE t.by_hand', 'and stay so');
SELECT cmp_ok((SELECT sum(mentions) FROM t.by_hand), '>', 5::numeric, 'there was something to count');
SELECT is((SELECT bool_and(c.last_seq = (SELECT count(*) FROM parley.message m WHERE m.conversation_id = c.id)
                       AND c.last_seq = (SELECT max(m.seq) FROM parley.message m WHERE m.conversation_id = c.id)) FROM parley.conversation c), true, 'no seq is missing');

-- 1000 at most
SELECT t.person('bot'), t.person('new');
SELECT t.group('bot', 'new') AS big \gset
SELECT count(*) FROM api.live_post(array_fill('send'::text, '{1200}'), array_fill(t.id('bot'), '{1200}'), array_fill(:big::bigint, '{1200}'),
    ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 1200)), array_fill('x'::text, '{1200}'), array_fill(NULL::bigint, '{1200}'),
    array_fill(NULL::bigint, '{1200}'), array_fill(NULL::bigint, '{1200}'), array_fill(NULL::bigint, '{1200}'), array_fill(t.ids('new')::text, '{1200}'));
SELECT is((t.row(:big, 'new') ->> 'unread')::integer, 1000, 'unread stops at 1000');
SELECT is((t.row(:big, 'new') ->> 'mentions')::integer, 1000, 'so do mentions');
SELECT is((t.row(:big, 'bot') ->> 'unread')::integer, 0, 'one''s own are never unread');
SELECT is(jsonb_path_query_array(api.groups_conversations(t.token('p2'), NULL, 1000)::jsonb, '$.conversations[*].id'),
          (SELECT jsonb_agg(id::text ORDER BY active DESC)
             FROM (SELECT c.id, coalesce((SELECT max(m.id) FROM parley.message m WHERE m.conversation_id = c.id), c.id) AS active
                     FROM parley.conversation c JOIN parley.membership u ON u.conversation_id = c.id AND u.account_id = t.id('p2') AND u.role IS NOT NULL) x),
          'newest activity first');
SELECT t.group('p1', 'p2') AS crowded \gset
INSERT INTO parley.message (store, conversation_id, seq, mod, id, sender_id, time, body, mentions)
    SELECT 2, :crowded, n, 100 + n, parley._id(), t.id('p1'), now(), 'x', t.ids('p2') FROM generate_series(1, 1001) n;
INSERT INTO parley.mention SELECT t.id('p2'), :crowded, n FROM generate_series(1, 1001) n;
UPDATE parley.conversation SET last_seq = 1001, mod = 1101 WHERE id = :crowded;
SELECT is(t.row(:crowded, 'p2') ->> 'unread' || ' ' || (t.row(:crowded, 'p2') ->> 'mentions'), '1000 1000', 'counted to 1,000');
SELECT * FROM finish();
ROLLBACK;
