// SPDX-License-Identifier: Apache-2.0
//
// Bad input at every command that the relay's table has, on both transports: what cannot be read ends the connection with its
// code, what can be is answered `failed` with a problem of the table or is taken; never an end that nobody documents, and
// others never notice. Texts that are odd but good come out everywhere as they went in.

import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { expectStatus } from '../../lib/http.ts';
import { COMMANDS, good, MALFORMED, membersOf, PROBLEMS, VALUES } from '../../lib/input.ts';
import { TRANSPORTS, type Command, type LiveEvent } from '../../lib/live.ts';
import { useStack, type Person } from '../../lib/stack.ts';
import { frame, http, OP, ready } from './raw.ts';

const stack = useStack({ relays: ['a'] });
const MEMBERS = membersOf('relay');
for (const own of ['type', 'token', 'session', 'ack', 'wait', 'first', 'commands']) MEMBERS.delete(own);

let ada: Person, conversation: string;
beforeEach(async () => {
  ada ??= await stack.person('ada');
  conversation ??= await stack.group(ada);
});

function expectDocumented(event: LiveEvent): void {
  const text = JSON.stringify(event).slice(0, 300);
  assert.equal(PROBLEMS.get(String(event.error.type).replace('urn:parley:', '')), event.error.status, text);
  // A flood may find no room: say it again later.
  assert.ok(event.error.status < 500 || event.error.retry_after > 0, text);
}

for (const transport of TRANSPORTS) {
  describe(`over ${transport}`, () => {
    for (const type of COMMANDS.filter((name) => name !== 'hello')) {
      it(`${type} with each member that there is set to what it is not`, async () => {
        const live = stack.open(transport, ada);
        await live.hello();
        const commands = [...MEMBERS.keys()].flatMap((name) => VALUES.map((value): Command => ({ ...good(MEMBERS, ada.id, conversation), type, [name]: value })));
        // The long texts of VALUES by themselves: a frame holds 256 KiB.
        const size = (command: Command): number => Buffer.byteLength(JSON.stringify(command));
        let batch: Command[] = [], bytes = 0;
        for (const command of commands) {
          if (batch.length === 100 || bytes + size(command) > 200_000) {
            live.send(...batch.splice(0));
            await live.settle();
            bytes = 0;
          }
          batch.push(command);
          bytes += size(command);
        }
        live.send(...batch);
        await live.settle();
        for (const event of live.events.filter((e) => e.type === 'failed')) expectDocumented(event);
        assert.equal((await live.say(conversation, 'and it goes on')).type, 'sent');
      });
    }

    it('what is no command is answered failed', async () => {
      const live = stack.open(transport, ada);
      await live.hello();
      const types = ['', 'x', 'SEND', 'send ', 'constructor', '__proto__', '\u202e', 'x'.repeat(10_000)];
      for (const type of types) live.send({ type, ref: 'r' });
      await live.settle();
      const failed = live.events.filter((e) => e.type === 'failed');
      assert.deepEqual(failed.map((e) => e.error.type), types.map(() => 'urn:parley:unknown_command'));
      assert.deepEqual(failed.map((e) => e.command), types.map((type) => (type.length > 64 ? '' : type)));
    });

    it('odd texts come out everywhere as they went in', async () => {
      const bob = await stack.person('bob');
      const here = await stack.direct(ada, bob);
      const [from, to] = [stack.open(transport, ada), stack.open(transport, bob)];
      await Promise.all([from.hello(), to.hello()]);
      const texts = ['\u0001\u001f\u007f', '\u2028\u2029\u0085x', '\ufffe\uffff\u{10ffff}', '\u202eevil\u2066', `a${'\u0301'.repeat(10_000)}`, '👩\u200d👩\u200d👧', '"\\\\"\\u0000\\', '{}],[', '%s%n$1', '</script>', ' \ta\n'];
      for (const body of texts) assert.equal((await from.say(here, body)).type, 'sent', body.slice(0, 20));
      await to.seen('message', (m) => m.seq === texts.length);
      const told = to.events.filter((e) => e.type === 'message').map((m) => m.body);
      const history = expectStatus(await bob.get(`/api/history/${here}`), 200).messages.map((m: { body: string }) => m.body);
      const changes = expectStatus(await bob.get(`/api/changes/${here}?since=0`), 200).messages.map((m: { body: string }) => m.body);
      for (const got of [told, history, changes]) assert.deepEqual(got, texts);
      const list = expectStatus(await bob.get('/api/conversations'), 200).conversations;
      assert.equal(list[0].last_message.body, texts.at(-1));
    });
  });
}

describe('what cannot be read', () => {
  it('ends a WebSocket with 1007, and a poll with 400, the session going on', async () => {
    const other = await ready(stack.socket('relay-a'), ada.token);
    const bearer = { authorization: `Bearer ${ada.token}` };
    const opened = await http(stack.socket('relay-a'), 'POST', '/live/poll', { session: null, commands: [{ type: 'hello' }] }, bearer);
    for (const [what, bytes] of MALFORMED) {
      const bad = await ready(stack.socket('relay-a'), ada.token);
      bad.write(frame(OP.text, bytes));
      assert.equal(await bad.closed(), 1007, what);
      const answer = await http(stack.socket('relay-a'), 'POST', '/live/poll', bytes, bearer);
      assert.deepEqual([answer.status, answer.body.type], [400, 'urn:parley:malformed'], what);
    }
    other.say({ type: 'ping', n: 1 });
    assert.equal((await other.event('pong')).n, 1);
    other.end();
    const still = await http(stack.socket('relay-a'), 'POST', '/live/poll', { session: opened.body.session, ack: opened.body.batch, wait: 0 }, bearer);
    assert.equal(still.status, 200);
  });

  it('a poll body whose members are not what they should be is 400', async () => {
    const bearer = { authorization: `Bearer ${ada.token}` };
    for (const name of ['session', 'ack', 'wait', 'first', 'commands']) {
      for (const value of VALUES) {
        const body = { session: null, ack: 0, wait: 0, commands: [{ type: 'hello' }], [name]: value };
        const { status, body: answer } = await http(stack.socket('relay-a'), 'POST', '/live/poll', body, bearer);
        const text = `${name} = ${JSON.stringify(value)?.slice(0, 60)}: ${status} ${JSON.stringify(answer).slice(0, 200)}`;
        assert.ok(status === 200 || PROBLEMS.get(String(answer.type).replace('urn:parley:', '')) === status, text);
        assert.ok([200, 400, 410].includes(status), text);
      }
    }
  });
});
