-- SPDX-License-Identifier: Apache-2.0
-- Pages of history and of changes in SQL: ranges against counting by hand, one cut, what the asker sees.
\ir ../fixture.psql
BEGIN;
SELECT plan(18);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob', 'eve']) n;
SELECT t.group('ada', 'bob') AS g \gset
SELECT count(*) FROM (SELECT t.say(CASE n % 2 WHEN 0 THEN 'ada' ELSE 'bob' END, :g, 'm' || n) FROM generate_series(1, 30) n) x;
UPDATE parley.conversation SET first_seq = 4 WHERE id = :g;

-- t.page(…): the seqs of a page, and its marks; t.wanted(…): the same by counting.
CREATE FUNCTION t.page(conversation bigint, before bigint, after bigint, around bigint, most integer) RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT concat_ws(' ', p ->> 'more_before', (SELECT string_agg(m ->> 'seq', ',') FROM jsonb_array_elements(p -> 'messages') m), p ->> 'more_after')
      FROM (SELECT api.history_page(t.token('ada'), conversation, before, after, around, most)::jsonb) x (p);
$$;
CREATE FUNCTION t.wanted(before bigint, after bigint, most integer) RETURNS text LANGUAGE sql STABLE AS $$
    WITH alive AS (SELECT m.seq FROM parley.message m WHERE m.seq >= 4),
         page AS (SELECT a.seq FROM alive a WHERE a.seq < coalesce(before, 1e9) AND a.seq > coalesce(after, 0)
                   ORDER BY CASE WHEN after IS NULL THEN -a.seq ELSE a.seq END LIMIT most)
    SELECT concat_ws(' ', EXISTS (SELECT FROM alive WHERE seq < coalesce((SELECT min(p.seq) FROM page p), before, after + 1))::text,
                     (SELECT string_agg(p.seq::text, ',' ORDER BY p.seq) FROM page p),
                     EXISTS (SELECT FROM alive WHERE seq > coalesce((SELECT max(p.seq) FROM page p), before - 1, after))::text);
$$;
SELECT is_empty(format('SELECT b, n FROM generate_series(0, 35) b, unnest(ARRAY[1, 2, 7, 50]) n WHERE t.page(%s, b, NULL, NULL, n) <> t.wanted(b, NULL, n)', :g), 'before any seq, pages of any size');
SELECT is_empty(format('SELECT a, n FROM generate_series(0, 35) a, unnest(ARRAY[1, 2, 7, 50]) n WHERE t.page(%s, NULL, a, NULL, n) <> t.wanted(NULL, a, n)', :g), 'after any seq');
SELECT is_empty(format('SELECT n FROM unnest(ARRAY[1, 2, 7, 50]) n WHERE t.page(%s, NULL, NULL, NULL, n) <> t.wanted(NULL, NULL, n)', :g), 'the newest');
SELECT is_empty(format($$SELECT a, n FROM generate_series(0, 35) a, unnest(ARRAY[1, 2, 7, 50]) n, LATERAL (SELECT api.history_page(t.token('ada'), %s, NULL, NULL, a, n)::jsonb) x (p)
    WHERE jsonb_array_length(p -> 'messages') <> least(n, 27) OR NOT (a NOT BETWEEN 4 AND 30 OR p -> 'messages' @> jsonb_build_array(jsonb_build_object('seq', a)))$$, :g), 'around any seq: a full page with it inside');
SELECT is(t.page(:g, NULL, NULL, 10, 5), 'true 8,9,10,11,12 true', 'in its middle');

-- what is in a page
SELECT is(jsonb_path_query_array(api.history_page(t.token('bob'), :g, NULL, NULL, NULL, 4)::jsonb, '$.messages[*] ? (exists(@.ref)).seq'), '[27, 29]', 'refs of one''s own messages only');
SELECT t.do('ada', 'react', :g, '👍', 30), t.do('bob', 'react', :g, '👍', 30), t.do('bob', 'react', :g, '🎉', 30);
SELECT is(api.history_page(t.token('bob'), :g, NULL, NULL, NULL, 1)::jsonb #> '{messages,0,reactions}',
    jsonb_build_array(jsonb_build_object('emoji', '👍', 'count', 2, 'accounts', ARRAY[t.id('bob'), t.id('ada')]::text[]),
                      jsonb_build_object('emoji', '🎉', 'count', 1, 'accounts', ARRAY[t.id('bob')]::text[])), 'reactions, the asker first');
INSERT INTO parley.reaction SELECT :g, 30, '👍', n, '2020-01-01' FROM generate_series(1, 120) n;
SELECT is((SELECT r ->> 'count' || ' ' || jsonb_array_length(r -> 'accounts') || ' ' || (r #>> '{accounts,0}' = t.id('bob')::text)
             FROM (SELECT api.history_page(t.token('bob'), :g, NULL, NULL, NULL, 1)::jsonb #> '{messages,0,reactions,0}' AS r) x), '122 100 true', 'all counted, 100 named');
SELECT is((api.history_page(t.token('bob'), :g, NULL, NULL, NULL, 1)::jsonb ->> 'mod')::bigint, t.mod(:g), 'the page says the conversation''s mod');
SELECT throws_ok(format($$SELECT api.history_page(t.token('eve'), %s, NULL, NULL, NULL, 1)$$, :g), 'PY000', 'not_found', 'a stranger sees none');

-- visible_from
UPDATE parley.membership SET visible_from = 20 WHERE account_id = t.id('bob');
SELECT is(jsonb_path_query_array(api.history_page(t.token('bob'), :g, NULL, 0, NULL, 3)::jsonb, '$.messages[*].seq'), '[20, 21, 22]', 'nothing below visible_from');
SELECT is(api.history_page(t.token('bob'), :g, 21, NULL, NULL, 3)::jsonb -> 'more_before', 'false', 'and nothing before it');
SELECT is(jsonb_path_query_array(api.history_changes(t.token('bob'), :g, 0, 200)::jsonb, '$.messages[*].seq'), jsonb_path_query_array(api.history_page(t.token('bob'), :g, NULL, NULL, NULL, 200)::jsonb, '$.messages[*].seq'), 'in changes too');

-- changes
SELECT throws_ok(format($$SELECT api.history_changes(t.token('ada'), %s, %s, 10)$$, :g, t.mod(:g) + 1), 'PY000', 'reset', 'a mod of the future');
SELECT is(api.history_changes(t.token('ada'), :g, t.mod(:g), 10)::jsonb - 'epoch', jsonb_build_object('messages', '[]'::jsonb, 'members', '[]'::jsonb, 'first_seq', 4, 'mod', t.mod(:g), 'more', false), 'nothing new');
SELECT is(jsonb_build_array(p -> 'more', p -> 'mod', jsonb_array_length(p -> 'messages') + jsonb_array_length(p -> 'members') + (p ? 'conversation')::int), '[true, 3, 3]', 'a page of three ends at its highest mod')
  FROM (SELECT api.history_changes(t.token('ada'), :g, 0, 3)::jsonb) x (p);

-- posting over REST
SELECT is(api.history_post(t.token('ada'), '00000000-0000-4000-8000-000000000001', :g, 'x', NULL, NULL, NULL, 1, 60)::jsonb #>> '{message,body}', 'x', 'a message');
SELECT throws_ok(format($$SELECT api.history_post(t.token('ada'), gen_random_uuid(), %s, 'x', NULL, NULL, NULL, 1, 60)$$, :g), 'PY000', 'too_many', 'one too many');
SELECT * FROM finish();
ROLLBACK;
