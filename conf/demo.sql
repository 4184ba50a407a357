-- SPDX-License-Identifier: Apache-2.0
--
-- The sample that `make run DEMO=1` puts into an empty database: twenty people of a small company, their groups and direct
-- conversations, a few thousand messages of two weeks, with replies, reactions, edits, pins, mentions and read markers.
-- Everything goes through the functions that the programs use, so it obeys every rule; only the times are then spread.
--
-- psql variable: hash, the Argon2id hash of the password that all of them share. Run as the owner of the database.

BEGIN;
SELECT FROM setseed(0.42);

-- A random one of several.
CREATE FUNCTION pg_temp.one_of(variadic list text[]) RETURNS text LANGUAGE sql VOLATILE AS
    'SELECT list[1 + floor(random() * cardinality(list))::integer]';

CREATE TEMP TABLE people ON COMMIT DROP AS
SELECT n::integer, login, (parley._account_create(login, name, :'hash', false, false)).id, sha256(convert_to(gen_random_uuid()::text, 'UTF8')) AS token
  FROM unnest('{ada,bruno,chioma,dario,elin,farid,greta,hiro,ines,jonas,kaya,leo,mira,nils,oda,pavel,quinn,rosa,sami,tove}'::text[],
              ARRAY['Ada Winter', 'Bruno Castell', 'Chioma Obi', 'Dario Lenz', 'Elin Strand', 'Farid Nassar', 'Greta Holm',
                    'Hiro Tanabe', 'Inês Duarte', 'Jonas Feld', 'Kaya Demir', 'Leo Marchetti', 'Mira Petrovic', 'Nils Aker',
                    'Oda Brandt', 'Pavel Novák', 'Quinn Harper', 'Rosa Lindqvist', 'Sami Koskinen', 'Tove Bergman'])
       WITH ORDINALITY AS p(login, name, n);
INSERT INTO parley.session (id, account_id, token_hash, device, created, last_seen, idle_seconds)
SELECT parley._id(), id, token, 'demo', parley._now(), parley._now(), 3600 FROM people;
UPDATE parley.account a SET created = a.created - interval '20 days', last_seen = now() - random() * random() * interval '3 days',
                            status_emoji = s.emoji, status_text = s.text
  FROM people p LEFT JOIN (VALUES ('chioma', '📚', 'Reading, answers after four'), ('hiro', '🏖️', 'Away until Monday'), ('kaya', '🎧', 'In the zone'),
                                  ('nils', '🚆', 'On the train'), ('rosa', '🌱', 'Roof, if it is dry')) s (login, emoji, text) USING (login)
 WHERE p.id = a.id;

-- The first `size` people from `first` on, wrapping around, and Ada are in a group; a direct conversation has two.
CREATE TEMP TABLE places ON COMMIT DROP AS
SELECT n, title, topic, visibility, theme, (n * 3) % 20 + 1 AS first, size, messages, NULL::bigint AS id, NULL::bigint[] AS members
  FROM (VALUES (1, 'General', 'News, questions and small wins. Incidents go to On call, please.', 'public', 'work|life', 20, 480),
               (2, 'Release train', 'One release a week, on Thursday before lunch. The list of what goes is pinned here.', 'private', 'work|ops', 7, 360),
               (3, 'Kitchen table', 'Who cooks, who brings, who washes up.', 'public', 'life|food', 12, 240),
               (4, 'Design corner', 'Show early, show ugly. Pictures of pages, words on buttons, colours.', 'public', 'design', 6, 260),
               (5, 'On call', 'Say what you see, what you do, and when it is over.', 'private', 'ops', 5, 220),
               (6, 'Book club', 'First Tuesday of the month. No spoilers past the agreed chapter!', 'public', 'books', 8, 110),
               (7, 'Running on Thursdays', 'Meet at the bridge, half past five. All paces.', 'public', 'running', 9, 100),
               (8, 'Roof garden', 'Whose turn it is with the watering can.', 'private', 'garden', 3, 70))
       AS g (n, title, topic, visibility, theme, size, messages)
UNION ALL
SELECT 100 + n, NULL, NULL, NULL, 'two', a, b, 30 + (n * 37) % 90, NULL, NULL
  FROM unnest('{1,1,1,1,1,1,2,3,4,5,6,8,9,12}'::integer[], '{2,3,5,8,13,20,7,9,11,14,17,15,10,18}'::integer[])
       WITH ORDINALITY AS d(a, b, n);
UPDATE places SET members = CASE
    WHEN title IS NULL THEN ARRAY[(SELECT id FROM people WHERE people.n = first), (SELECT id FROM people WHERE people.n = size)]
    ELSE (SELECT array_agg(p.id ORDER BY p.n) FROM people p WHERE p.n = 1 OR (p.n - first + 20) % 20 < size) END;
UPDATE places SET id = (CASE
    WHEN title IS NULL THEN api.groups_direct((SELECT token FROM people WHERE people.id = members[1]), members[2])
    ELSE api.groups_create((SELECT token FROM people WHERE people.id = members[1]), title, visibility, members, gen_random_uuid()) END
    ::json -> 'conversation' ->> 'id')::bigint;
SELECT count(api.groups_change(token, p.id, NULL, true, topic, false, NULL, NULL, false, NULL, NULL))
  FROM places p JOIN people ON people.id = members[1] WHERE topic IS NOT NULL;

-- What they talk about. A talk is a theme and a line for each message: who of the talk speaks (A, B, …, and behind > the line
-- that it replies to), and the text, in which \n is a new line, @B or @C a mention, and {day}, {time}, {number}, {thing}, {meal}
-- are chosen for each talk. Behind => stands what the sender makes of it by editing, behind % reactions.
CREATE TEMP TABLE talks ON COMMIT DROP AS
SELECT row_number() OVER () AS talk, split_part(text, E'\n', 1) AS theme, regexp_replace(text, '^[^\n]*\n', '') AS text
  FROM regexp_split_to_table($talks$work
A: Morning! Who else is in the office today?
B: Me, third floor, next to the good coffee.
C: At home until noon, then I come over.
A: {meal} at half past twelve?
B: Yes. % 👍👍
C: Count me in.

work
A: Has anybody looked at last night's numbers?
B: Yes: {number} new accounts, about twice a normal day.
A>2: Oh, nice. Do we know where they came from? % 🎉👀
B: Somebody wrote about us. I put the link into {thing}.
C: I read it. They got one thing wrong, but kindly.

work
A: The {day} meeting moves to {time}. Same room.
B: Works for me. % 👍
C: I am on the train then, I will listen in.
A: That is fine, it is mostly about {thing}.

work
A: Could somebody read over {thing} before it goes out? Two pages, no hurry, {day} is early enough.
B: I take it.
A: Thank you! ❤️
B: Done. Two typos and one question about the second paragraph, all in the margin.
A>4: You are right, that sentence says the opposite of what I meant. Fixed. % 😂

work
A: Does anyone know why we round the hours up in {thing}?
B: History, I think. It was like that before my time.
C: It was me, in the first year. There was a reason, and the reason is gone.
A: Then I take it out. % 🎉👍
D: Please do. I have been explaining it to people every month.

work
A: I am out {day} afternoon, the dentist wins this time.
B: Good luck! % 😮
C: I can take your calls, just forward the number.
A>3: You are the best. It is only the one at {time}.

work
A: Small win: the list of conversations now opens in {number} ms on my old phone. Last week it was nearly two seconds.
B: What was it? % 🎉🎉👍
A: We asked for every member of every group to draw eight small pictures.
B: Ouch.
C: And now?
A: Now we ask for eight.
D: 😂

work
A: Who has the key to the small meeting room?
B: It hangs behind the door of the big one.
A: It does not.
C: Sorry, sorry, it is in my pocket. Coming back up. % 😂😂

work
A: New faces on {day}: two people start in support. Lunch together at {time}, everybody is welcome.
B: Lovely. Do they have desks? % 🎉
A: They do, and screens, and a plant each.
C: I never got a plant! % 😂
D>4: You got two. You know what happened to them.

work
A: Reminder: hours until the end of {day}, please. @B, @C, yours are still missing.
B: Done.
C: Done too, sorry.
A: Thank you both. % ❤️

work
A: I wrote down how we answer people who ask for their data, it is in {thing}. Please tell me what I forgot.
B: Very clear. I would put the part about time limits first. => Very clear. I would put the part about deadlines first.
C: And who signs it when you are away?
A>3: Good point. You do. % 😂👍

work
A: Question about words: do we say "sign in" or "log in"?
B: Log in. Everywhere.
C: The invitation says sign in.
B>3: Not for long.

ops
A: **Going out {day}:**\n\n- faster list of conversations\n- the new empty pages\n- links in notices open the right message\n\nAnything missing?
B: My change to {thing} is reviewed but not merged yet.
A>2: Can it be in by {time}?
B: Yes. => Yes, merged.
A: Then it is on the train. 🚂 % 🎉👍

ops
A: The build is red. It is the upload test again.
B: Passes here, ten times out of ten.
C: Look at the clock of that machine, it is {number} s behind.
B>3: How did you see that?
C: It happened to me in spring, and I lost a day. It should not cost you one.
A: Clock set, build green. % 🎉❤️

ops
A: Deployed. I keep an eye on it for half an hour.
B: Errors look flat.
A: Memory too. One slow query, but that one is old:\n\n```\nSELECT count(*) FROM visit WHERE day = current_date; -- 1.9 s\n```
C: That one is mine, I have an index for it in review.
A: No hurry, nobody waits for it. % 👍

ops
A: Paged: disk on the second machine at {number} %.
B: I am awake, looking.
B: Old packages and a forgotten dump from {day}. Cleared, back at 41 %.
A: Thanks. I add a line to the checklist. % ❤️
C: And an alarm at 70, not at 90, please.

ops
A: Seeing time-outs since {time}, one in a hundred requests.
B: Same here. Only on the second relay.
C: I take it out of the list and look at it in peace.
A: Time-outs are gone since then.
C: A cable. A real, physical cable. % 😮😂
B: I love that job.

ops
A: Can we hold the release until tomorrow? {thing} is not ready, and I would rather not rush it.
B: Fine with me.
C: Me too, nobody has been promised a day.
A: Thank you. Tomorrow, {time}. % 👍👍

ops
A: Restore rehearsal done: last night's backup, empty machine, {number} minutes to the first message.
B: Very good. What took longest? % 🎉
A: Me, looking for the password of the backup.
C: Please write that into the notes.
A: I did, that is why I found out.

ops
A: Who is on call over the weekend?
B: Me, and @C is second.
C: Right. I am at my parents' from {day}, but there is a network.
A: Changed the plan to match. % 👍

ops
A: One person says messages arrive twice. Has anybody else seen that?
B: Which version?
A: The old one, from before {day}.
B>3: Then it is the bug that we fixed. A reload helps.
A: It did. They say thank you. ❤️

design
A: First try at the new empty page. Too much?
B: I like the quiet. The button could be closer to the text.
A: Like this?
B>3: Yes! % 👍❤️
C: On a phone the line breaks after "no", which reads as if there were nothing at all.
A: I shorten it: "Nothing here yet."

design
A: Which blue? The first is calmer, the second has more contrast.
B: The second. I can read it in the sun.
C: Second.
D: First, but I see that I am alone. % 😂
A: Second it is: 4.9 to 1 on white, and 5.2 the other way round.

design
A: The word "archive" scares people. In {number} tests everybody asked whether it deletes.
B: "Put away"?
C: "Hide"?
A>3: Hide is good. It also fits into the menu. % 👍
B: Then the list has to be called "Hidden". Hm. => Then the list has to be called "Hidden". Hm, why not.

design
A: I watched my mother use it for half an hour yesterday.
B: And? % 👀
A: She never saw the plus. She typed into the search and expected to find people.
C: To be honest, that is what search should do.
A: Exactly. I drew it, see {thing}.
B: So simple. Let us do that. % 🎉❤️

design
A: Can somebody check the dark colours on a bad screen? Mine is too kind.
B: Here. Grey on grey in the list of members, everything else is fine.
A: Which grey?
B: The one of the second line: `#6b7280`.
A: Two steps lighter now. Better?
B>5: Better. % 👍

design
A: Icons: do we want round corners or square ones?
B: Round, like everything else. => Round, as everything else.
C: I never thought about it, which probably means round.
A: Round. I change the three that are not. % 👍

life
A: Whose bicycle is the green one in front of the door? The light is on.
B: Mine! Thank you. % ❤️
A: I turned it off.

life
A: It is snowing! % 😮❤️
B: In this month?
C: Look out on the other side.
B: I stand corrected.

life
A: My sister visits at the weekend. What does one show a person who has seen all the museums?
B: The market at the harbour, early on Saturday.
C: The ferry to the last stop and back, with a thermos.
D: The tram museum. I know, a museum. But you may drive one.
A>4: Sold. % 😂🎉

life
A: Does anybody want two tickets for {day}? We cannot go, the little one is ill.
B: Oh no, get well soon! What is it?
A: A concert, strings, quiet, beautiful.
C: I would love to, if nobody else is faster.
A>4: Yours. I leave them at the front desk. % ❤️

life
A: Lost: one grey scarf, hand made, of great value to one grandmother.
B: Is it this long and smells of dog?
A: …yes.
B: Hangs on the hook by the lift. % 😂😂🎉

life
A: The heating on our side is off again.
B: I called them, somebody comes at {time}.
C: Come over to us until then, there are {number} free chairs and one kettle. % ❤️👍

life
A: Good night, everybody. The last one turns off the lamp with the string.
B: Did it.
C: You did the one in the hall.
B: Did it now. % 😂

food
A: I cook on {day}. {meal} for {number}, who eats with us?
B: Me!
C: Me, and I bring bread.
D: Is there a version without onions?
A>4: There is now. % ❤️

food
A: There is cake in the kitchen. No reason. % 🎉🎉❤️
B: There is **no** cake in the kitchen.
A: There *was* cake in the kitchen.
C: It was very good. % 😂😂

food
A: Who took the last of the oat milk?
B: Me, and I wrote it on the list.
A: Which list?
B: …my list. I go and buy some. % 😂

food
A: The dishwasher says E{number}. What does it want from us?
B: The sieve. It is always the sieve.
A: It was the sieve. And a spoon. % 😂👍

food
A: Does anybody have a good recipe for {meal}?
B: My father's:\n\n1. more garlic than you think\n2. low heat, one hour\n3. lemon at the very end
A: That is all?
B: He never told us more. % ❤️
C: Tried it yesterday, it is that good. => Tried it yesterday. It is that good.

books
A: How far is everybody? I am at chapter {number}.
B: Two behind you. The middle is slow, is it not?
C: It is. Then it is not.
A>3: No spoilers! % 😂

books
A: The copy from the library is back, who wants it next?
B: Me, please. I can come by {day}.
A: It is on my desk, with a bookmark that you may keep. % ❤️

books
A: Proposals for next time: something short. A novella?
B: I have one of 120 pages that I have thought about for ten years.
C: Then that one. % 👍👍
A: Agreed, and we meet at mine, {time}.

books
A: I did not like the ending.
B: I did not like the ending either, and I think that we are meant not to.
C: The last letter changes it all. Read the date again.
A: …oh.
B: OH. % 😮😮
A>3: I have to read the whole thing once more now.

running
A: Bridge at half past five? It should stay dry.
B: Yes.
C: Slow group for me, the knee is not back yet.
A: There is always a slow group, and it has the better talks. % ❤️

running
A: {number} km on {day}, along the river and back. The herons are there again.
B: Lovely. I got as far as the bakery. % 😂
C: A fine distance.

running
A: Who runs the relay in May? We need four.
B: Me.
C: Me, if it is not the hill.
D: I take the hill. % 🎉👍
A: Then we are four. I sign us up.

running
A: It rains.
B: It rains.
C: I am at the bridge.
A: Of course you are. Coming. % 😂❤️

garden
A: Watered today. The tomatoes have doubled, the beans sulk. % 👍
B: Beans always sulk. I bring string on {day}.
C: Somebody has eaten all the strawberries.
A: A bird. % 👀
C: A bird with a spoon, I saw the bowl. % 😂

garden
A: Frost tonight, says the radio. Can somebody cover the small ones?
B: On my way up with the blankets.
B: Done, they look like a camp. % ❤️

garden
A: First radishes! Help yourselves, they are in the box by the stairs. % 🎉
B: Sharp. Very good. => Sharp! Very good.
C: Left one for the morning shift.

two
A: Have you got five minutes? It is about {thing}.
B: Sure. Now, or at {time}?
A: {time} is fine. I bring coffee.
B: Then I have ten minutes. % 😂

two
A: Thank you for yesterday. That was not easy to say, and you said it well.
B: I was quite nervous.
A: Nobody could tell. % ❤️

two
A: Could you look at my change when you find the time? It is larger than I wanted, sorry.
B: I had a first look. I think that it is two changes: the move, and the new thing.
A>2: You are right. I split it.
B: Then I read both today.
A: Split. The first one is only moves, nothing to think about.
B: Read both. One question in the second, the rest is good. % 👍

two
A: Are you still at the office?
B: Just leaving.
A: Could you see whether my charger is on the desk?
B: It is. I put it into your drawer.
A: Thank you! % ❤️

two
A: How was the talk?
B: Full room, {number} people. I spoke too fast, as always.
A: Recorded?
B: Yes, I send you the link when they have put it up.
A: I show it to the new people, if you do not mind. % 👍

two
A: Lunch on {day}? There is a new place with {meal}.
B: I cannot on {day}, the day after?
A>2: Perfect. Half past twelve in front of the door.
B: See you there. => See you there, I am the one with the umbrella.

two
A: Do you remember how we solved the thing with the time zones?
B: We stored UTC and stopped talking about it. % 😂
A: That is what I hoped for.

two
A: Quick one: is {thing} still true, or may I delete it?
B: Delete it. I have a copy in case somebody cries.
A: Nobody will. % 😂

two
A: I am thinking about the plan for next quarter, and I would like your opinion before I show it to the others.
B: Gladly. What bothers you?
A: It has five goals. Nobody has ever reached five goals.
B: Which two would you be proud of?
A: …the first and the last.
B: There is your plan.
A>6: You make it sound easy. Thank you. % ❤️

two
A: Happy birthday!! 🎂 % ❤️
B: You remembered! There is cake at {time}.
A: That is how I remember. % 😂

two
A: The train stands still somewhere in the fields. I am late, please begin without me.
B: No problem. I take notes.
A: Moving again. Twenty minutes.
B: We are only at the first point, {thing} takes all of the time.
A: Some things never change.

two
A: Which file was it again?
B: `conf/nginx.conf`, near the end.
A: Found it. It was one character, of course.
B: It is always one character. % 😂$talks$, '\n\n') AS t (text);

-- Talk after talk into each place until it has its messages, each place in an order of its own.
CREATE TEMP TABLE held ON COMMIT DROP AS
WITH wanted AS (
    SELECT p.n, p.members, p.messages, t.text, row_number() OVER w AS nth, sum(regexp_count(t.text, '\n') + 1) OVER w AS so_far
      FROM places p JOIN talks t ON t.theme = ANY (string_to_array(p.theme, '|')), generate_series(1, 30) round
    WINDOW w AS (PARTITION BY p.n ORDER BY round, md5(concat_ws(' ', p.n, round, t.text))))
SELECT n, nth, members, (SELECT array_agg(m ORDER BY random(), nth) FROM unnest(members) m) AS speakers,
       -- Two weeks, the last day of which is today.
       floor(14.0 * (nth - 1) / max(nth) OVER (PARTITION BY n)) AS day,
       replace(replace(replace(replace(replace(text,
           '{day}', pg_temp.one_of('Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday')),
           '{time}', pg_temp.one_of('nine', 'ten', 'half past ten', 'eleven', 'two', 'half past two', 'three', 'four')),
           '{number}', (5 + floor(random() * 40)::integer)::text),
           '{thing}', pg_temp.one_of('the price list', 'the handbook', 'the new login page', 'the report', 'the plan for May', 'the import')),
           '{meal}', pg_temp.one_of('soup', 'dumplings', 'lentils', 'curry', 'noodles', 'pancakes', 'risotto')) AS text
  FROM wanted WHERE so_far <= messages OR nth = 1;

CREATE FUNCTION pg_temp.speaker(speakers bigint[], letter text) RETURNS bigint LANGUAGE sql AS
    $$SELECT speakers[1 + (ascii(letter) - ascii('A')) % cardinality(speakers)]$$;

-- The messages, with what is to happen to each.
CREATE TEMP TABLE said ON COMMIT DROP AS
WITH lines AS (
    SELECT h.*, l.line, regexp_match(l.text, '^([A-D])(?:>(\d))?: (.*?)(?: => (.*?))?(?: % (.*))?$') AS part
      FROM held h, regexp_split_to_table(h.text, '\n') WITH ORDINALITY AS l (text, line))
SELECT row_number() OVER (ORDER BY l.n, nth, line) AS i, l.n, nth, line, day, l.members, p.id AS conversation,
       pg_temp.speaker(speakers, part[1]) AS sender, part[4] AS edited, part[5] AS reactions,
       c.last_seq + row_number() OVER w AS seq, c.last_seq + row_number() OVER w - line + part[2]::bigint AS reply,
       (SELECT array_agg(a.id)::text FROM people a, unnest('{A,B,C,D}'::text[]) letter
         WHERE a.id = pg_temp.speaker(speakers, letter) AND part[3] LIKE '%@' || letter || '%') AS mentions,
       (SELECT replace(replace(replace(part[3], '\n', E'\n'), '@B', '@' || b.login), '@C', '@' || x.login) FROM people b, people x
         WHERE b.id = pg_temp.speaker(speakers, 'B') AND x.id = pg_temp.speaker(speakers, 'C')) AS body
  FROM lines l JOIN places p ON p.n = l.n JOIN parley.conversation c ON c.id = p.id
WINDOW w AS (PARTITION BY l.n ORDER BY nth, line);

DO $$
DECLARE
    b record;
BEGIN
    FOR b IN
        SELECT array_agg('send'::text ORDER BY i) AS kinds, array_agg(sender ORDER BY i) AS accounts,
               array_agg(conversation ORDER BY i) AS conversations, array_agg(gen_random_uuid() ORDER BY i) AS refs,
               array_agg(body ORDER BY i) AS bodies, array_agg(NULL::bigint ORDER BY i) AS nothing,
               array_agg(reply ORDER BY i) AS replies, array_agg(mentions ORDER BY i) AS mentions
          FROM said GROUP BY i / 100 ORDER BY i / 100
    LOOP
        PERFORM parley._post(b.kinds, b.accounts, b.conversations, b.refs, b.bodies, b.nothing, b.nothing, b.replies, b.nothing, b.mentions);
    END LOOP;

    -- Reactions of others, edits, a deletion now and then, and one pin in each group: the latest list, or what was liked most.
    FOR b IN
        WITH changes AS (
            SELECT i, 'react' AS kind, members[1 + floor(random() * cardinality(members))::integer] AS account, conversation, seq, emoji AS body
              FROM said, regexp_matches(reactions, '(👍|❤️|😂|🎉|😮|👀)', 'g') AS m (match), unnest(match) emoji
            UNION ALL SELECT i, 'edit', sender, conversation, seq, edited FROM said WHERE edited IS NOT NULL
            UNION ALL SELECT i, 'delete', sender, conversation, seq, NULL FROM said WHERE random() < 0.004
            UNION ALL SELECT 0, 'pin', members[1], conversation, seq, NULL
              FROM (SELECT DISTINCT ON (n) * FROM said WHERE n < 100 ORDER BY n, body LIKE E'%\n-%' DESC, length(reactions) DESC NULLS LAST, seq DESC) s)
        SELECT array_agg(kind) AS kinds, array_agg(account) AS accounts, array_agg(conversation) AS conversations,
               array_agg(NULL::uuid) AS refs, array_agg(body) AS bodies, array_agg(seq) AS seqs, array_agg(NULL::bigint) AS nothing,
               array_agg(NULL::text) AS mentions
          FROM changes GROUP BY i / 100
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

-- When all that was: the talks of a day one after the other through its office hours (today: until a few minutes ago), a
-- message half a minute or two after the other.
CREATE TEMP TABLE times ON COMMIT DROP AS
WITH talk AS (
    SELECT n, nth, day, (row_number() OVER d - 0.8 * random()) / (count(*) OVER (PARTITION BY n, day)) AS hour
      FROM held WINDOW d AS (PARTITION BY n, day ORDER BY nth)),
begun AS (
    SELECT n, nth, CASE WHEN day < 13 THEN date_trunc('day', now()) + (day - 13) * interval '1 day' + interval '8.5 hours' + hour * interval '9 hours'
                        ELSE now() - (1 - hour) * 0.8 * (now() - date_trunc('day', now())) - interval '15 minutes' END AS time
      FROM talk)
SELECT s.conversation, s.seq, max(time + gap) OVER (PARTITION BY s.n ORDER BY s.seq) AS time
  FROM (SELECT *, sum(15 + random() * random() * 180) OVER (PARTITION BY n, nth ORDER BY line) * interval '1 second' AS gap FROM said) s
  JOIN begun USING (n, nth);
UPDATE parley.message m SET time = least(t.time, now()), edited = CASE WHEN m.edited IS NOT NULL THEN t.time + interval '40 seconds' END
  FROM times t WHERE m.conversation_id = t.conversation AND m.seq = t.seq;
UPDATE parley.message SET time = now() - interval '15 days' WHERE system;
UPDATE parley.reaction r SET time = t.time + interval '1 minute' FROM times t WHERE r.conversation_id = t.conversation AND r.seq = t.seq;
UPDATE parley.conversation SET created = now() - interval '15 days';
UPDATE parley.membership SET joined = now() - interval '15 days';

DELETE FROM parley.session WHERE device = 'demo';
COMMIT;
