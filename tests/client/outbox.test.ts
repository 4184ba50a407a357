// SPDX-License-Identifier: Apache-2.0
//
// The outbox by itself: order, holding, passing, durability. The link is a function here, so that each answer is the test's.

import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Outbox, nextOrder, type Entry } from '../../www/client/outbox.ts';
import type { Request, Sent } from '../../www/client/link.ts';
import { Problem } from '../../www/client/problem.ts';

const problem = (status: number, name: string) => new Problem({ type: `urn:parley:${name}`, title: name, status, detail: '', retry_after: null });
const entry = (ref: string, conversation = '1'): Entry => ({
  ref, conversation, body: ref, reply_to: null, thread: null, mentions: [], attachments: [], created: 0, order: nextOrder(),
  state: 'waiting', seq: null, problem: null,
});
const settle = () => new Promise<void>((done) => setImmediate(done));

function scene() {
  const asked: string[] = [];
  const waiting = new Map<string, { resolve(sent: Sent): void; reject(problem: Problem): void }>();
  const stored = new Map<string, Entry>();
  const shown = new Map<string, Entry>();
  const outbox = new Outbox({
    request: (command: Request) => new Promise<Sent>((resolve, reject) => {
      asked.push(command.ref);
      waiting.set(command.ref, { resolve, reject });
    }),
    drop: (ref) => waiting.get(ref)?.reject(problem(0, 'stopped')),
    store: async (ref, e) => void (e === undefined ? stored.delete(ref) : stored.set(ref, e)),
    show: (ref, e) => void (e === undefined ? shown.delete(ref) : shown.set(ref, e)),
    log: () => {},
  });
  const sent = async (ref: string, seq: number) => {
    waiting.get(ref)!.resolve({ type: 'sent', ref, conversation: '1', id: '1', seq, mod: seq, time: '' });
    await settle();
  };
  const failed = async (ref: string, p: Problem) => {
    waiting.get(ref)!.reject(p);
    await settle();
  };
  return { outbox, asked, stored, shown, sent, failed };
}

test('one at a time in a conversation, side by side in two', async () => {
  const { outbox, asked, sent } = scene();
  await Promise.all([outbox.add(entry('a')), outbox.add(entry('b')), outbox.add(entry('x', '2'))]);
  assert.deepEqual(asked.toSorted(), ['a', 'x']);
  await sent('a', 1);
  assert.deepEqual(asked.at(-1), 'b');
});

test('sent is out of storage, and gone when its message is shown', async () => {
  const { outbox, stored, shown, sent } = scene();
  await outbox.add(entry('a'));
  assert.ok(stored.has('a'));
  await sent('a', 7);
  assert.ok(!stored.has('a'));
  assert.equal(shown.get('a')?.seq, 7);
  outbox.shown('a');
  assert.ok(!shown.has('a'));
});

test('a retryable failure holds the later ones, and the same ref goes again', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    const { outbox, asked, sent, failed } = scene();
    await Promise.all([outbox.add(entry('a')), outbox.add(entry('b'))]);
    await failed('a', problem(503, 'unavailable'));
    assert.deepEqual(asked, ['a']);
    mock.timers.tick(2_000);
    await settle();
    assert.deepEqual(asked, ['a', 'a']);
    await sent('a', 1);
    assert.deepEqual(asked, ['a', 'a', 'b']);
  } finally {
    mock.timers.reset();
  }
});

test('a final failure is shown, kept, and lets the others pass; it may be tried again or discarded', async () => {
  const { outbox, asked, stored, shown, failed, sent } = scene();
  await Promise.all([outbox.add(entry('a')), outbox.add(entry('b'))]);
  await failed('a', problem(403, 'not_a_member'));
  assert.deepEqual(asked, ['a', 'b']);
  assert.equal(shown.get('a')?.state, 'failed');
  assert.equal(stored.get('a')?.problem?.type, 'urn:parley:not_a_member');
  await outbox.retry('a');
  await sent('b', 1);
  assert.deepEqual(asked, ['a', 'b', 'a']);
  await outbox.discard('a');
  assert.equal(stored.size, 0);
});

test('what storage holds is sent in its order after a start', async () => {
  const { outbox, asked, sent } = scene();
  const [one, two] = [entry('one'), entry('two')];
  outbox.load([two, one]);
  assert.deepEqual(asked, ['one']);
  await sent('one', 1);
  assert.deepEqual(asked, ['one', 'two']);
});
