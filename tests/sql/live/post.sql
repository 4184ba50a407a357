-- SPDX-License-Identifier: Apache-2.0
-- api.live_post: places, repeats, refusals, and what each change of a message may do.
\ir ../fixture.psql
BEGIN;
SELECT plan(63);
SELECT t.person(n) FROM unnest(ARRAY['ada', 'bob', 'cyd', 'eve']) n;
SELECT t.direct('ada', 'bob') AS d, t.group('ada', 'bob', 'cyd') AS g, gen_random_uuid() AS ref \gset

-- Places
SELECT results_eq(format('SELECT item, problem, seq FROM api.live_post(%L, %L, %L, %L, %L, %L, %L, %L, %L, %L)',
    '{send,send,send}', t.ids('ada', 'bob', 'ada'), ARRAY[:d, :d, :g]::text,
    ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()], '{a,b,c}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}',
    '{NULL,NULL,NULL}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}') || ' ORDER BY item',
    'VALUES (1::bigint, NULL::text, 1::bigint), (2, NULL, 2), (3, NULL, 1)', 'each conversation counts its own seq');
SELECT is((SELECT last_seq FROM parley.conversation WHERE id = :d), 2::bigint, 'last_seq follows');
SELECT is(t.mod(:d), 5::bigint, 'each message took a mod');
SELECT is((SELECT array_agg(tableoid::regclass::text ORDER BY seq, 1) FROM parley.message WHERE conversation_id = :d),
          '{parley.direct_message,parley.direct_message}', 'direct messages lie in the store of direct messages');
SELECT is((SELECT count(*) FROM t.lines() l WHERE l = format('c %s 5', :d)), 1::bigint, 'a hint names the conversation and its mod');

-- One ref, one message
SELECT is((SELECT at FROM t.do('ada', 'send', :g, 'first', ref => :'ref')), 2::bigint, 'a new ref is a new message');
SELECT is((SELECT at FROM t.do('ada', 'send', :g, 'another body', ref => :'ref')), 2::bigint, 'its repeat is the stored one');
SELECT is((SELECT body FROM parley.message WHERE conversation_id = :g AND seq = 2), 'first', 'the stored body stays');
SELECT is((SELECT at FROM t.do('bob', 'send', :g, 'mine', ref => :'ref')), 3::bigint, 'another sender may have the same ref');
SELECT results_eq(format('SELECT item, seq, mod - %s FROM api.live_post(%L, %L, %L, %L, %L, %L, %L, %L, %L, %L) ORDER BY item', t.mod(:g),
    '{send,send}', t.ids('ada', 'ada'), ARRAY[:g, :g]::text, '{00000000-0000-4000-8000-000000000001,00000000-0000-4000-8000-000000000001}',
    '{a,b}', '{NULL,NULL}', '{NULL,NULL}', '{NULL,NULL}', '{NULL,NULL}', '{NULL,NULL}'),
    'VALUES (1::bigint, 4::bigint, 1::bigint), (2, 4, 1)', 'a repeat within one batch is one message');
SELECT results_eq(format('SELECT item, problem, seq FROM api.live_post(%L, %L, %L, %L, %L, %L, %L, %L, %L, %L) ORDER BY item',
    '{send,edit,send,delete,send}', t.ids('ada', 'ada', 'ada', 'ada', 'bob'), array_fill(:d::bigint, '{5}')::text,
    '{00000000-0000-4000-8000-000000000002,NULL,00000000-0000-4000-8000-000000000002,NULL,00000000-0000-4000-8000-000000000002}',
    '{a,b,c,NULL,d}', '{NULL,3,NULL,3,NULL}', '{NULL,NULL,NULL,NULL,NULL}', '{NULL,NULL,NULL,NULL,NULL}', '{NULL,NULL,NULL,NULL,NULL}', '{NULL,NULL,NULL,NULL,NULL}'),
    'VALUES (1::bigint, NULL::text, 3::bigint), (2, NULL, 3), (3, NULL, 3), (4, NULL, 3), (5, NULL, 4)', 'a batch may go on with what it has just sent');
SELECT is((SELECT string_agg(coalesce(body, '-'), ' ' ORDER BY seq) FROM parley.message WHERE conversation_id = :d AND seq >= 3), '- d', 'with the outcome of all of it');
SELECT api.groups_remove(t.token('bob'), :g, t.id('bob'));
SELECT is((SELECT at FROM t.do('bob', 'send', :g, 'mine', ref => :'ref')), 3::bigint, 'also for one who has left since');
SELECT is((SELECT problem FROM t.do('bob', 'send', :g, 'new')), 'not_a_member', 'who has left sends nothing new');

-- Refusals, each harming nobody else
SELECT is((SELECT problem FROM t.do('eve', 'send', :g, 'x')), 'not_a_member', 'a stranger');
SELECT is((SELECT problem FROM t.do('eve', 'send', 4711, 'x')), 'not_a_member', 'an unknown conversation answers the same');
SELECT is((SELECT problem FROM t.do('eve', 'edit', :g, 'x', 2)), 'not_a_member', 'a stranger edits nothing');
SELECT results_eq(format('SELECT item, problem, seq FROM api.live_post(%L, %L, %L, %L, %L, %L, %L, %L, %L, %L) ORDER BY item',
    '{send,send,send}', t.ids('eve', 'ada', 'ada'), ARRAY[:g, 4711, :g]::text,
    ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()], '{a,b,c}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}',
    '{NULL,NULL,NULL}', '{NULL,NULL,NULL}', '{NULL,NULL,NULL}'),
    'VALUES (1::bigint, ''not_a_member'', NULL::bigint), (2, ''not_a_member'', NULL), (3, NULL, 6)', 'a bad item leaves the others alone');
SELECT is((SELECT problem FROM t.do('ada', 'send', :g, 'x', reply => 99)), 'no_such_message', 'a reply to what is not there');
SELECT is((SELECT problem FROM t.do('ada', 'send', :g, 'x', reply => 0)), 'no_such_message', 'a reply to 0');
SELECT is((SELECT problem FROM t.do('ada', 'send', :g, 'x', reply => 2)), NULL, 'a reply to what is there');
SELECT is((SELECT reply_to FROM parley.message WHERE conversation_id = :g AND seq = 7), 2::bigint, 'keeps its reply_to');

-- Mentions
SELECT t.say('ada', :g, 'hey', t.ids('cyd', 'eve', 'cyd')) AS seq \gset
SELECT is((SELECT mentions FROM parley.message WHERE conversation_id = :g AND seq = :seq), t.ids('cyd'), 'of mentions, members are kept, once');
SELECT is((SELECT account_id FROM parley.mention WHERE conversation_id = :g), t.id('cyd'), 'and counted by a row');
SELECT is((SELECT problem FROM t.do('ada', 'edit', :g, 'hey me', :seq, mentions => t.ids('ada'))), NULL, 'an edit');
SELECT is((SELECT array_agg(account_id) FROM parley.mention WHERE conversation_id = :g), NULL, 'takes the mention row away; oneself is counted by none');
SELECT t.do('ada', 'edit', :g, 'hey you', :seq, mentions => t.ids('ada', 'cyd'));
SELECT is((SELECT array_agg(account_id) FROM parley.mention WHERE conversation_id = :g), t.ids('cyd'), 'or makes one');

-- Edit
SELECT t.say('cyd', :g, 'text') AS seq, t.mod(:g) AS before \gset
SELECT is((SELECT problem FROM t.do('ada', 'edit', :g, 'x', :seq)), 'forbidden', 'not even an owner edits what another wrote');
SELECT is((SELECT mod FROM t.do('cyd', 'edit', :g, 'text 2', :seq)), t.mod(:g), 'an edit takes the next mod');
SELECT isnt((SELECT edited FROM parley.message WHERE conversation_id = :g AND seq = :seq), NULL, 'and a time');
SELECT t.mod(:g) AS mod \gset
SELECT is((SELECT mod FROM t.do('cyd', 'edit', :g, 'text 2', :seq)), :mod::bigint, 'the same text again changes nothing');
SELECT is(t.mod(:g), :mod::bigint, 'and takes no mod');
SELECT is((SELECT problem FROM t.do('cyd', 'edit', :g, 'text 3', :seq, :mod - 1)), 'conflict', 'an edit of an older state');
SELECT is((SELECT problem FROM t.do('cyd', 'edit', :g, 'text 3', :seq, :mod)), NULL, 'an edit of the present state');
SELECT is((SELECT problem FROM t.do('cyd', 'edit', :g, 'x', 99)), 'no_such_message', 'an edit of nothing');

-- Reactions and pins
SELECT is((SELECT problem FROM t.do('ada', 'react', :g, '👍', :seq)), NULL, 'a reaction');
SELECT t.mod(:g) AS mod \gset
SELECT is((SELECT problem FROM t.do('ada', 'react', :g, '👍', :seq)), NULL, 'twice is fine');
SELECT is(t.mod(:g), :mod::bigint, 'and once');
SELECT is((SELECT reactions FROM parley.message WHERE conversation_id = :g AND seq = :seq), 1, 'counted');
SELECT is((SELECT problem FROM t.do('cyd', 'unreact', :g, '👍', :seq)), NULL, 'taking back what was not given is fine');
SELECT is(t.mod(:g), :mod::bigint, 'and changes nothing');
SELECT is((SELECT count(*) FROM generate_series(1, 19) i, t.do('ada', 'react', :g, 'e' || i, :seq) d WHERE d.problem IS NULL), 19::bigint, '20 emoji');
SELECT is((SELECT problem FROM t.do('ada', 'react', :g, 'one more', :seq)), 'too_many_reactions', 'not 21');
SELECT is((SELECT problem FROM t.do('cyd', 'react', :g, '👍', :seq)), NULL, 'one of the 20 by somebody else');
SELECT is((SELECT problem FROM t.do('ada', 'unreact', :g, '👍', :seq)), NULL, 'taken back');
SELECT is((SELECT reactions FROM parley.message WHERE conversation_id = :g AND seq = :seq),
          (SELECT count(*)::integer FROM parley.reaction WHERE conversation_id = :g AND seq = :seq), 'the count is the number of rows');
SELECT is((SELECT problem FROM t.do('cyd', 'pin', :g, NULL, :seq)), 'forbidden', 'a member pins nothing in a group');
SELECT is((SELECT problem FROM t.do('ada', 'pin', :g, NULL, :seq)), NULL, 'an owner does');
SELECT is((SELECT problem FROM t.do('bob', 'pin', :d, NULL, 1)), NULL, 'in a direct conversation both may');
SELECT is((SELECT problem FROM t.do('ada', 'unpin', :d, NULL, 1)), NULL, 'and unpin');

-- Delete
SELECT is((SELECT problem FROM t.do('cyd', 'delete', :g, NULL, 2)), 'forbidden', 'a member deletes only its own');
SELECT is((SELECT problem FROM t.do('bob', 'delete', :d, NULL, 1)), 'forbidden', 'in a direct conversation too');
SELECT is((SELECT problem FROM t.do('ada', 'delete', :g, NULL, :seq)), NULL, 'an owner deletes what others wrote');
SELECT is((SELECT (body, mentions, reactions, pinned, deleted)::text FROM parley.message WHERE conversation_id = :g AND seq = :seq),
          '(,,0,f,t)', 'nothing of it is left');
SELECT is((SELECT count(*) FROM parley.reaction WHERE conversation_id = :g AND seq = :seq), 0::bigint, 'nor its reactions');
SELECT is((SELECT problem FROM t.do('ada', 'delete', :g, NULL, :seq)), NULL, 'again is fine');
SELECT is((SELECT problem FROM t.do('cyd', 'edit', :g, 'back', :seq)), 'deleted', 'what is deleted stays');
SELECT is((SELECT problem FROM t.do('cyd', 'react', :g, '👍', :seq)), 'deleted', 'without reactions');
SELECT is((SELECT problem FROM t.do('ada', 'delete', :g, NULL, 5)), 'forbidden', 'a system message is nobody''s to delete');
SELECT is((SELECT kind FROM parley.message m, LATERAL (SELECT m.action ->> 'type' AS kind) k WHERE conversation_id = :g AND seq = 5), 'left', 'which it is');

-- Archive
UPDATE parley.conversation SET archived = now() WHERE id = :g;
SELECT is((SELECT problem FROM t.do('ada', 'send', :g, 'x')), 'archived', 'an archived group takes nothing');
SELECT is((SELECT at FROM t.do('ada', 'send', :g, 'x', ref => :'ref')), 2::bigint, 'but answers a repeat');

-- Long bodies
SELECT is((SELECT problem FROM t.do('ada', 'send', :d, repeat('€', 16000))), NULL, 'a body beyond what a notification carries');
SELECT * FROM finish();
ROLLBACK;
