-- SPDX-License-Identifier: Apache-2.0
--
-- The sample that `make run DEMO=1` puts into an empty database: twenty people, groups, direct conversations, a few thousand
-- messages over ten days, with replies, reactions, edits, pins, mentions and read markers. Everything goes through the
-- functions that the programs use, so it obeys every rule; only the times are then spread over the days.
--
-- psql variable: hash, the Argon2id hash of the password that all of them share. Run as the owner of the database.

BEGIN;
SELECT FROM setseed(0.42);

CREATE TEMP TABLE people ON COMMIT DROP AS
SELECT n::integer, (parley._account_create(login, name, :'hash', false, false)).id, sha256(convert_to(gen_random_uuid()::text, 'UTF8')) AS token
  FROM unnest('{ada,bruno,chioma,dario,elin,farid,greta,hiro,ines,jonas,kaya,leo,mira,nils,oda,pavel,quinn,rosa,sami,tove}'::text[],
              ARRAY['Ada Winter', 'Bruno Castell', 'Chioma Obi', 'Dario Lenz', 'Elin Strand', 'Farid Nassar', 'Greta Holm',
                    'Hiro Tanabe', 'Inês Duarte', 'Jonas Feld', 'Kaya Demir', 'Leo Marchetti', 'Mira Petrovic', 'Nils Aker',
                    'Oda Brandt', 'Pavel Novák', 'Quinn Harper', 'Rosa Lindqvist', 'Sami Koskinen', 'Tove Bergman'])
       WITH ORDINALITY AS p(login, name, n);
INSERT INTO parley.session (id, account_id, token_hash, device, created, last_seen, idle_seconds)
SELECT parley._id(), id, token, 'demo', parley._now(), parley._now(), 3600 FROM people;

-- size: how many of the people, in order from `first`, wrapping around.
CREATE TEMP TABLE places ON COMMIT DROP AS
SELECT n, title, visibility, (n * 3) % 20 + 1 AS first, size, messages, NULL::bigint AS id, NULL::bigint[] AS members
  FROM unnest(ARRAY['General', 'Release train', 'Kitchen table', 'Design corner', 'On call', 'Book club', 'Running on Thursdays', 'Roof garden'],
              ARRAY['public', 'private', 'public', 'public', 'private', 'public', 'public', 'private'],
              '{20,7,12,6,5,8,9,3}'::integer[], '{700,420,260,240,180,90,80,40}'::integer[])
       WITH ORDINALITY AS g(title, visibility, size, messages, n)
UNION ALL
SELECT 100 + n, NULL, NULL, a, b, 30 + (n * 37) % 90, NULL, NULL
  FROM unnest('{1,1,1,1,1,1,2,3,4,5,6,8,9,12}'::integer[], '{2,3,5,8,13,20,7,9,11,14,17,15,10,18}'::integer[])
       WITH ORDINALITY AS d(a, b, n);

-- Ada is in every group; of the direct conversations `first` and `size` are the two.
UPDATE places SET members = CASE
    WHEN title IS NULL THEN ARRAY[(SELECT id FROM people WHERE people.n = first), (SELECT id FROM people WHERE people.n = size)]
    ELSE (SELECT array_agg(DISTINCT p.id) FROM people p WHERE p.n = 1 OR (p.n - first + 20) % 20 < size) END;
UPDATE places SET id = (CASE
    WHEN title IS NULL THEN api.groups_direct((SELECT token FROM people WHERE people.id = members[1]), members[2])
    ELSE api.groups_create((SELECT token FROM people WHERE people.id = members[1]), title, visibility, members, gen_random_uuid()) END
    ::json -> 'conversation' ->> 'id')::bigint;

CREATE TEMP TABLE phrases ON COMMIT DROP AS
SELECT row_number() OVER () AS n, text FROM unnest(ARRAY[
    'Morning! Coffee is on.', 'Has anybody looked at the numbers from last night?', 'Looks good to me.', 'I will take that one.',
    'Could we move it to three o''clock?', 'Done, please have another look.', 'Thanks, that helps a lot.', 'On my way, five minutes.',
    'The build is green again.', 'I found it: the cache was older than the page.', 'Who has the key to the small room?',
    'Let us keep it simple and write down what we know.', 'That is the third time this week.', 'Nice work!', 'Agreed.',
    'I would rather wait until the tests are through.', 'Here is what I mean:' || E'\n\n```\nSELECT count(*) FROM patience;\n```',
    'Small thing: the title is cut off on a phone.', 'Fixed. It was a missing comma, of course.', 'Lunch?', 'Give me an hour.',
    'The list so far:' || E'\n\n- notes from Monday\n- the new icons\n- two open questions', 'Yes.', 'No, the other one.', 'Haha, true.',
    'I will be away tomorrow, back on Friday.', 'The draft is in the folder, comments are welcome.', 'Which version are you on?',
    'Works here after a reload.', '**Reminder:** we close the office early today.', 'Can somebody pair with me on this for a moment?',
    'I read it on the train and liked the second half best.', 'Let me check and come back to you.', 'It rained the whole way, still worth it.',
    'The tomatoes are doing well.', 'Good night, all.', 'Is this still true, or can we delete it?', 'See you at the table.',
    'My vote goes to the blue one.', 'I have added two pictures of how it looks now.', 'So quiet today.', 'Perfect, thank you!',
    'Deployed. I keep an eye on it for the next half hour.', 'We should write that down before we forget it again.',
    'Sorry, I was in another call.', 'One question about the second point: do we need it at all?', 'That makes sense.',
    'I would like to hear from the others first.', 'Here you go.', 'Short answer: yes. Long answer: yes, but on Thursday.']) text;

CREATE TEMP TABLE said ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY p.n, m) AS n, p.id AS conversation, m AS seq,
       p.members[1 + floor(random() * cardinality(p.members))::integer] AS sender,
       f.text AS body,
       CASE WHEN m > 3 AND random() < 0.08 THEN m - 1 - floor(random() * 3)::bigint END AS reply,
       CASE WHEN random() < 0.04 THEN format('{%s}', p.members[1]) END AS mention
  FROM places p, generate_series(1, p.messages) m, LATERAL (SELECT 1 + floor(random() * 50)::integer + 0 * m AS k) pick
  JOIN phrases f ON f.n = pick.k;
UPDATE said SET body = '@ada ' || body WHERE mention IS NOT NULL;

DO $$
DECLARE
    b record;
BEGIN
    FOR b IN
        SELECT array_agg('send'::text ORDER BY n) AS kinds, array_agg(sender ORDER BY n) AS accounts,
               array_agg(conversation ORDER BY n) AS conversations, array_agg(gen_random_uuid() ORDER BY n) AS refs,
               array_agg(body ORDER BY n) AS bodies, array_agg(NULL::bigint ORDER BY n) AS nothing,
               array_agg(reply ORDER BY n) AS replies, array_agg(mention ORDER BY n) AS mentions
          FROM said GROUP BY n / 100 ORDER BY n / 100
    LOOP
        PERFORM parley._post(b.kinds, b.accounts, b.conversations, b.refs, b.bodies, b.nothing, b.nothing, b.replies, b.nothing, b.mentions);
    END LOOP;

    -- Reactions, a few edits and deletions by the senders, and one pin in each group.
    FOR b IN
        WITH changes AS (
            SELECT s.n, 'react' AS kind, (p.members)[1 + floor(random() * cardinality(p.members))::integer] AS account, s.conversation,
                   s.seq, ('{👍,❤️,😂,🎉,😮,👀}'::text[])[1 + floor(random() * random() * 6)::integer] AS body
              FROM said s JOIN places p ON p.id = s.conversation, generate_series(1, 3) WHERE random() < 0.09
            UNION ALL SELECT n, 'edit', sender, conversation, seq, body || ' (edited for clarity)' FROM said WHERE random() < 0.02
            UNION ALL SELECT n, 'delete', sender, conversation, seq, NULL FROM said WHERE random() < 0.01
            UNION ALL SELECT 0, 'pin', members[1], id, 5, NULL FROM places WHERE title IS NOT NULL)
        SELECT array_agg(kind) AS kinds, array_agg(account) AS accounts, array_agg(conversation) AS conversations,
               array_agg(NULL::uuid) AS refs, array_agg(body) AS bodies, array_agg(seq) AS seqs, array_agg(NULL::bigint) AS nothing,
               array_agg(NULL::text) AS mentions
          FROM changes GROUP BY n / 100
    LOOP
        PERFORM parley._post(b.kinds, b.accounts, b.conversations, b.refs, b.bodies, b.seqs, b.nothing, b.nothing, b.nothing, b.mentions);
    END LOOP;

    -- Most have read all; Ada has something left in every third place.
    PERFORM parley._receipts(array_agg(member), array_agg(c.id), array_agg(CASE
                WHEN member <> p.members[1] THEN c.last_seq - floor(random() * random() * 12)::bigint
                WHEN p.n % 3 = 0 THEN c.last_seq - 4 ELSE c.last_seq END), array_agg(c.last_seq), 100)
      FROM places p JOIN parley.conversation c ON c.id = p.id, unnest(p.members) member;
END
$$;

-- Ten days up to a few minutes ago, by day and not by night, in the order of seq.
WITH spread AS (
    SELECT m.store, m.conversation_id, m.seq,
           (m.seq - 1)::double precision / greatest(c.last_seq, 1) * 10 AS day
      FROM parley.message m JOIN parley.conversation c ON c.id = m.conversation_id),
times AS (
    SELECT store, conversation_id, seq, clock_timestamp() - interval '10 days 3 minutes'
           + floor(day) * interval '1 day' + (day - floor(day)) * interval '9 hours'
           + CASE WHEN day < 10 THEN interval '15 hours' END AS time
      FROM spread)
UPDATE parley.message m SET time = least(t.time, clock_timestamp() - interval '1 second' * (200 - 180 * t.seq / c.last_seq)),
                            edited = CASE WHEN m.edited IS NOT NULL THEN t.time + interval '2 minutes' END
  FROM times t JOIN parley.conversation c ON c.id = t.conversation_id
 WHERE m.store = t.store AND m.conversation_id = t.conversation_id AND m.seq = t.seq;

DELETE FROM parley.session WHERE device = 'demo';
COMMIT;
