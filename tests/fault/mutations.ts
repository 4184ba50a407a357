// SPDX-License-Identifier: Apache-2.0
//
// What a bad server could have done to a good history: rows of a property and a mutation that breaks it. A mutation returns
// false where the history has nothing that it could break.

import type { PropertyName } from './checker.ts';
import { BOUND_MS } from './properties/late.ts';
import type { Entry, Fact, Of } from './history.ts';
import type { Random } from './random.ts';

export class Story {
  entries: Entry[];
  readonly random: Random;

  constructor(entries: readonly Entry[], random: Random) {
    this.entries = structuredClone(entries) as Entry[];
    this.random = random;
  }

  all<Is extends Fact['is']>(is: Is, fits: (entry: Of<Is>) => boolean = () => true): Of<Is>[] {
    return this.entries.filter((entry): entry is Of<Is> => entry.is === is && fits(entry as Of<Is>));
  }

  any<Is extends Fact['is']>(is: Is, fits?: (entry: Of<Is>) => boolean): Of<Is> | undefined {
    const all = this.all(is, fits);
    return all.length > 0 ? this.random.pick(all) : undefined;
  }

  remove(entry: Entry): void {
    this.entries.splice(this.entries.indexOf(entry), 1);
  }

  /** Puts a fact at a place, and numbers anew. */
  insert(fact: Fact, after: Entry): void {
    this.entries.splice(this.entries.indexOf(after) + 1, 0, { ...fact, n: 0, t: after.t, era: after.era } as Entry);
    this.entries.forEach((entry, i) => (entry.n = i + 1));
  }

  isSend(key: string): boolean {
    return this.entries.some((entry) => entry.is === 'try' && entry.op === 'send' && entry.key === key);
  }
}

type Mutation = (story: Story) => boolean;

/** Runs `change` on what was found, or says that there was nothing. */
const on = <T>(found: T | undefined, change: (found: T) => void): boolean => {
  if (found !== undefined) change(found);
  return found !== undefined;
};
const sentOk = (story: Story): Of<'ok'> | undefined => story.any('ok', ({ key }) => story.isSend(key));
const live = (story: Story, fits: (saw: Of<'saw'>) => boolean = () => true): Of<'saw'> | undefined => story.any('saw', (saw) => saw.path === 'live' && fits(saw));

export const MUTATIONS: [property: PropertyName, name: string, mutate: Mutation][] = [
  ['P1', 'an acknowledged message is not stored', (story) => on(sentOk(story), (ok) => {
    for (const row of story.all('row', ({ key }) => key === ok.key)) story.remove(row);
  })],
  ['P1', 'an acknowledged message is missing on one device', (story) => on(sentOk(story), (ok) => {
    const held = story.any('held', ({ conversation }) => conversation === ok.conversation)!;
    held.states = held.states.filter(({ seq }) => seq !== ok.seq);
  })],
  ['P2', 'a text that nobody said', (story) => on(live(story, ({ state }) => state.body !== null), ({ state }) => (state.body = 'invented'))],
  ['P2', 'a refused message is seen', (story) => {
    const no = story.any('no', ({ final }) => final);
    const saw = live(story, ({ state }) => state.body !== null);
    return on(no && saw, (found) => (found.state.body = story.all('try', ({ key }) => key === no!.key)[0]!.body!));
  }],
  ['P2', 'somebody else is named as the sender', (story) => on(story.any('row', ({ state }) => state.body !== null), ({ state }) => (state.sender = '77'))],
  ['P3', 'a message is stored twice', (story) => on(story.any('row'), (row) => {
    const last = Math.max(...story.all('row', ({ state }) => state.conversation === row.state.conversation).map(({ state }) => state.seq));
    story.insert({ ...row, state: { ...row.state, seq: last + 1, mod: row.state.mod + 1000 } }, row);
  })],
  ['P3', 'a message is told twice', (story) => on(live(story), (saw) => story.insert(saw, saw))],
  ['P3', 'a repeat is acknowledged at another place', (story) => on(sentOk(story), (ok) => story.insert({ ...ok, seq: ok.seq + 1 }, ok))],
  ['P3', 'a device shows a message twice', (story) => on(story.any('held', ({ states }) => states.length > 0), ({ states }) => void states.push(states[0]!))],
  ['P4', 'two messages change places on one link', (story) => {
    const one = live(story);
    const two = one && story.all('saw', (saw) => saw.path === 'live' && saw.life === one.life && saw.conversation === one.conversation && saw.n > one.n)[0];
    return on(two, (other) => ([one!.state, other.state] = [other.state, one!.state]));
  }],
  ['P4', 'one device is told another text', (story) => {
    const one = live(story, ({ state }) => state.body !== null);
    const two = one && live(story, ({ state }) => state.conversation === one.conversation && state.body !== null && state.body !== one.state.body);
    return on(two, (other) => (one!.state.body = other.state.body));
  }],
  ['P5', 'the database skips a seq', (story) => on(story.any('row', ({ state }) => story.all('row', (row) => row.state.conversation === state.conversation && row.state.seq > state.seq).length > 0), (row) => story.remove(row))],
  ['P5', 'a device is ready without a message', (story) => {
    const ready = story.any('ready', (entry) => story.all('ok', (ok) => ok.n < entry.n && story.isSend(ok.key)).length > 0 && entry.device[0] !== '9');
    const ok = ready && story.any('ok', (entry) => entry.n < ready.n && story.isSend(entry.key));
    const follows = ok && story.all('follows', (entry) => entry.device === ready.device && entry.conversation === ok.conversation).at(-1);
    if (!ok || !follows || follows.n > ready.n - 1) return false;
    for (const saw of story.all('saw', (entry) => entry.device === ready.device && entry.conversation === ok.conversation && entry.state.seq === ok.seq)) story.remove(saw);
    return true;
  }],
  ['P5', 'a device holds no message in the middle', (story) => on(story.any('held', ({ states }) => states.length > 2), ({ states }) => void states.splice(1, 1))],
  ['P6', 'two sends of one device change places', (story) => {
    const one = story.any('try', ({ op, key }) => op === 'send' && story.all('ok', (ok) => ok.key === key).length > 0 && story.all('again', (again) => again.key === key).length === 0);
    const two = one && story.all('try', (entry) => entry.op === 'send' && entry.device === one.device && entry.conversation === one.conversation && entry.n > one.n && story.all('ok', (ok) => ok.key === entry.key).length > 0)[0];
    if (!two) return false;
    const [first, second] = [one, two].map(({ key }) => story.all('ok', (ok) => ok.key === key)[0]!);
    [first!.seq, second!.seq] = [second!.seq, first!.seq];
    return true;
  }],
  ['P7', 'a page is without an acknowledged message', (story) => {
    const saw = story.any('saw', ({ page, state }) => page !== undefined && story.all('ok', (ok) => ok.conversation === state.conversation && ok.seq === state.seq && story.isSend(ok.key)).length > 0);
    return on(saw, (found) => story.remove(found));
  }],
  ['P7', 'a page says that there is nothing newer', (story) => {
    const page = story.any('page', ({ conversation, last }) => story.all('ok', (ok) => ok.conversation === conversation && ok.seq === last && story.isSend(ok.key)).length > 0);
    return on(page, (found) => (found.newest = found.last - 1));
  }],
  ['P8', 'a page is older than what was seen', (story) => {
    const page = story.any('page', ({ device, conversation, n }) => story.all('saw', (saw) => saw.device === device && saw.conversation === conversation && saw.n < n && saw.page === undefined).length > 0);
    return on(page, (found) => (found.newest = 0));
  }],
  ['P8', 'a page has an older state', (story) => {
    const saw = story.any('saw', (entry) => entry.page !== undefined && story.all('saw', (other) => other.device === entry.device && other.conversation === entry.conversation && other.state.seq === entry.state.seq && other.state.mod === entry.state.mod && other.n < entry.n && other.page === undefined).length > 0);
    return on(saw, ({ state }) => (state.mod = 0));
  }],
  ['P9', 'an answer comes before what it answers', (story) => {
    const ok = story.any('ok', ({ key, seq }) => seq > 0 && story.all('try', (entry) => entry.key === key && entry.op === 'send' && entry.reply_to !== undefined).length > 0);
    return on(ok, (found) => (story.all('try', ({ key }) => key === found.key)[0]!.reply_to = found.seq + 1));
  }],
  ['P9', 'what is sent is placed before what was seen', (story) => {
    const ok = story.any('ok', (entry) => {
      const attempt = story.all('try', ({ key, op }) => key === entry.key && op === 'send')[0];
      return attempt !== undefined && story.all('saw', (saw) => saw.device === attempt.device && saw.conversation === attempt.conversation && saw.n < attempt.n).length > 0;
    });
    return on(ok, (found) => (found.seq = 0));
  }],
  ['P10', 'a removed member sees what is said', (story) => {
    const out = story.any('out', ({ phase }) => phase === 'ok');
    const said = out && story.all('saw', (saw) => saw.conversation === out.conversation && saw.n > out.n && saw.path === 'live' && saw.state.body !== null && story.all('try', ({ body, n }) => body === saw.state.body && n > out.n).length > 0)[0];
    const back = out && story.all('in', (entry) => entry.n > out.n && entry.conversation === out.conversation && entry.account === out.account)[0];
    if (!said || !back || said.n > back.n) return false;
    story.insert({ ...said, device: `${out.account}/1`, account: out.account, path: 'page', life: '' }, said);
    return true;
  }],
  ['P10', 'a link goes on after left', (story) => on(story.any('left'), (left) => {
    const row = story.any('row', ({ state }) => state.conversation === left.conversation)!;
    story.insert({ is: 'saw', device: left.device, account: left.account, conversation: left.conversation, life: left.life, path: 'live', state: row.state }, left);
  })],
  ['P10', 'a stranger sees a message', (story) => on(live(story), (saw) => story.insert({ ...saw, device: '9/1', account: '9', life: 'none' }, saw))],
  ['P11', 'a message never comes, or late', (story) => {
    const ok = sentOk(story);
    const fair = ok && story.all('life', ({ device, life }) => device[0] !== '9' && story.all('gone', (gone) => gone.life === life).length === 0)
      .find(({ device, n }) => n < ok.n && story.all('drops', (drops) => drops.device === device && drops.conversation === ok.conversation && drops.n > ok.n).length === 0
        && story.all('follows', (follows) => follows.device === device && follows.conversation === ok.conversation && follows.n > ok.n).length === 0);
    const saws = fair && story.all('saw', (saw) => saw.device === fair.device && saw.conversation === ok.conversation && saw.state.seq === ok.seq);
    if (!saws || saws.length === 0) return false;
    const delayed = story.random.chance(0.5);
    for (const saw of saws) {
      if (delayed) saw.t = story.entries.at(-1)!.t + 10 * BOUND_MS;
      else story.remove(saw);
    }
    return true;
  }],
  ['P11', 'a device does not come back', (story) => on(story.any('gone'), (gone) => story.insert({ is: 'away', device: gone.device, what: 'not back' }, gone))],
  ['P12', 'a device holds another state', (story) => on(story.any('held', ({ states }) => states.length > 0), ({ states }) => {
    const state = story.random.pick(states);
    if (story.random.chance(0.5)) state.reactions += ' 🙂:5';
    else state.pinned = !state.pinned;
  })],
  ['P13', 'a marker falls', (story) => on(story.any('marker', ({ seq }) => seq > 0), (marker) => story.insert({ ...marker, seq: marker.seq - 1 }, story.entries.at(-1)!))],
  ['P13', 'a marker is told that is not stored', (story) => on(story.any('marker'), (marker) => void (marker.seq += 1000))],
  ['P13', 'unread is miscounted', (story) => on(story.any('held'), (held) => void held.unread++)],
  ['P13', 'a device has another marker', (story) => on(story.any('held'), (held) => void held.read_seq++)],
];
