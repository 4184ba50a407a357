// SPDX-License-Identifier: Apache-2.0
//
// The seeded workload of one round: people with two devices each, groups and direct conversations, and what they do until
// they are told to be quiet; then what everybody holds, and what the database holds, is noted.

import { expectStatus } from '../lib/http.ts';
import type { Person, Stack } from '../lib/stack.ts';
import { pause, until } from '../lib/wait.ts';
import { RawDevice, type Device, type World } from './device.ts';
import { stateOf, type History } from './history.ts';
import { LibraryDevice } from './library.ts';
import { Pipe } from './pipe.ts';
import type { Random } from './random.ts';

const PEOPLE = 10;
const GROUPS = 3;
const DIRECTS = 4;
const EMOJI = ['👍', '🎉', '❤️'];
const QUIET_MS = 60_000;

/** What a device does, and how often in a hundred. */
const DEEDS = { send: 52, reply: 8, edit: 8, delete: 2, react: 10, unreact: 3, read: 8, page: 6, drop: 1, cut: 1, other: 1 };
type Deed = keyof typeof DEEDS;
const DEVICES = 2 * PEOPLE;
/** How often a device does something, in ms, so that all together send so many messages a second. */
const paceOf = (rate: number): number => (1000 * DEVICES * (DEEDS.send + DEEDS.reply + DEEDS.other)) / 100 / rate;

interface Group {
  id: string;
  owner: Person;
  /** Who comes and goes; the others stay. */
  guests: Person[];
}

export class Workload implements World {
  readonly history: History;
  readonly stack: Stack;
  readonly relays: readonly string[];
  readonly devices: Device[] = [];
  /** While the database is changed for another, nobody comes or goes. */
  paused = false;
  #random: Random;
  #people: Person[] = [];
  #groups: Group[] = [];
  #epochs: string[] = [];
  readonly #paceMs: number;
  #running = false;
  #loops: Promise<void>[] = [];
  #texts = 0;

  /** `rate`: messages a second, all devices together. */
  constructor(stack: Stack, history: History, random: Random, rate = 60) {
    this.#paceMs = paceOf(rate);
    this.stack = stack;
    this.history = history;
    this.relays = stack.relays;
    this.#random = random;
  }

  eraOf(epoch: string): number {
    const era = this.#epochs.lastIndexOf(epoch);
    if (era < 0) throw new Error(`an epoch that nobody made: ${epoch}`);
    return era;
  }

  async start(): Promise<void> {
    for (let i = 0; i < PEOPLE; i++) this.#people.push(await this.stack.person('soul'));
    for (let i = 0; i < GROUPS; i++) {
      const [owner, ...others] = this.#random.shuffled(this.#people).slice(0, 6) as [Person, ...Person[]];
      this.#groups.push({ id: await this.stack.group(owner, others), owner, guests: others.slice(0, 2) });
    }
    for (let i = 0; i < DIRECTS; i++) {
      const [one, other] = this.#random.shuffled(this.#people) as [Person, Person];
      await this.stack.direct(one, other);
    }
    await this.noteEpoch();
    await this.noteMembers();
    for (const person of this.#people) {
      for (const kind of ['raw', 'library'] as const) {
        const pipe = await Pipe.start(this.stack.port);
        const name = `${kind} ${person.id.slice(-4)}`;
        this.devices.push(kind === 'raw' ? new RawDevice(this, name, person, pipe, this.#random.fork()) : new LibraryDevice(this, name, person, pipe));
      }
    }
    await Promise.all(this.devices.map((device) => device.start()));
    this.#running = true;
    this.#loops = [...this.devices.map((device) => this.#act(device, this.#random.fork())), ...this.#groups.map((group) => this.#comeAndGo(group, this.#random.fork()))];
  }

  /** Who is in what, as the database has it: when an era begins. */
  async noteMembers(database?: string, era = this.history.era): Promise<void> {
    const rows = await this.#rows<{ conversation: string; account: string }>(`SELECT conversation_id AS conversation, account_id AS account FROM parley.membership WHERE role IS NOT NULL AND account_id = ANY ($1)`, database);
    for (const row of rows) for (const phase of ['try', 'ok'] as const) this.history.add({ is: 'in', phase, ...row }, era);
  }

  /** The era that begins now is the one with the database's epoch. */
  async noteEpoch(): Promise<void> {
    const epoch = await until('an epoch', async () => (await this.#people[0]!.get('/api/conversations')).body?.epoch as string | undefined, 60_000);
    this.#epochs[this.history.era] = epoch;
  }

  async #rows<T>(text: string, database = this.stack.db.name): Promise<T[]> {
    return this.stack.db.cluster.sql<T>(database, text, [this.#people.map(({ id }) => id)]);
  }

  async #act(device: Device, random: Random): Promise<void> {
    while (this.#running) {
      await pause(random.int(this.#paceMs / 2, this.#paceMs * 1.5));
      const conversations = device.conversations();
      if (conversations.length > 0 && this.#running) this.#deed(device, random.pick(conversations), random.weighted<Deed>(DEEDS), random);
    }
  }

  #deed(device: Device, conversation: string, deed: Deed, random: Random): void {
    const recent = [...device.states(conversation).values()].filter(({ deleted, kind }) => !deleted && kind === 'text').slice(-8);
    const own = recent.filter(({ sender }) => sender === device.account);
    const text = `${deed} ${++this.#texts}${random.chance(0.05) ? ` ${'long '.repeat(random.int(100, 2500))}` : ''}`;
    const some = recent.length > 0 ? random.pick(recent).seq : undefined;
    if (deed === 'send') device.send(conversation, text);
    else if (deed === 'page') void device.page(conversation);
    else if (deed === 'drop') device.drop();
    else if (deed === 'cut') device.pipe.cutAfter(random.int(1, 4000));
    else if (deed === 'other') device.send(random.pick(this.#groups).id, text); // perhaps not one of its own
    else if (deed === 'reply' && some) device.send(conversation, text, some);
    else if (deed === 'read' && some) device.read(conversation, some);
    else if ((deed === 'react' || deed === 'unreact') && some) device.change(deed, conversation, some, random.pick(EMOJI));
    else if ((deed === 'edit' || deed === 'delete') && own.length > 0) device.change(deed, conversation, random.pick(own).seq, text);
  }

  /** One guest after the other is removed and taken in again, each step until it is known to be done. */
  async #comeAndGo({ id, owner, guests }: Group, random: Random): Promise<void> {
    while (this.#running) {
      await pause(random.int(1000, 4000));
      const guest = random.pick(guests);
      await this.#step('out', id, guest.id, () => owner.delete(`/api/groups/${id}/members/${guest.id}`));
      await pause(random.int(200, 2000));
      await this.#step('in', id, guest.id, () => owner.post(`/api/groups/${id}/members`, { accounts: [guest.id] }));
    }
  }

  async #step(is: 'in' | 'out', conversation: string, account: string, ask: () => Promise<{ status: number }>): Promise<void> {
    await until('it may go on', () => !this.paused, 120_000);
    const { n } = this.history.add({ is, phase: 'try', conversation, account });
    for (;;) {
      const status = await ask().then((answer) => answer.status, () => 0);
      // A repeat of a removal that was done finds nobody.
      if (status >= 200 && status < 300 || status === 404) break;
      await pause(300);
    }
    if (this.history.valid(n)) this.history.add({ is, phase: 'ok', conversation, account });
  }

  /** Ends what is done, waits until all have all, and notes what is held. */
  async quiet(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
    for (const device of this.devices) device.pipe.ill = 'well';
    const restless = (): Device[] => this.devices.filter((device) => !device.ready || !device.settled);
    await until('all are back and answered', () => restless().length === 0, QUIET_MS).catch(() => {
      for (const { name, ready } of restless()) this.history.add({ is: 'away', device: name, what: `${ready ? 'not answered' : 'not back'} ${QUIET_MS / 1000} s after all was over` });
    });
    await pause(1500); // the last marks are told
    await this.noteRows();
    const last = new Map([...this.history.entries].flatMap((entry) => (entry.is === 'row' && entry.era === this.history.era ? [[entry.state.conversation, entry] as const] : [])));
    await until('all hold the newest', () => this.devices.every((device) => device.conversations().every((id) => this.#holds(device, id, last.get(id)?.state.seq ?? 0))), 10_000).catch(() => {});
    for (const device of this.devices) await this.#noteHeld(device);
  }

  #holds(device: Device, id: string, seq: number): boolean {
    return seq === 0 || device.states(id).has(seq);
  }

  async #noteHeld(device: Device): Promise<void> {
    if (device instanceof LibraryDevice) await device.complete();
    const list = await this.#list(device);
    for (const row of list) {
      const mine = device instanceof LibraryDevice ? device.client.conversation(row.id).peek() : row;
      const states = device instanceof LibraryDevice ? device.shown(row.id) : [...device.states(row.id).values()].sort((a, b) => a.seq - b.seq);
      this.history.add({ is: 'held', device: device.name, account: device.account, conversation: row.id, from: 1, states, read_seq: mine?.read_seq ?? -1, unread: mine?.unread ?? -1 });
    }
  }

  async #list(device: Device): Promise<{ id: string; read_seq: number; unread: number }[]> {
    const person = this.#people.find(({ id }) => id === device.account)!;
    return expectStatus(await person.get('/api/conversations'), 200).conversations;
  }

  /** The database's rows at the era's end, of the conversations of this round. */
  async noteRows(database?: string): Promise<void> {
    const members = await this.#rows<{ conversation: string; account: string; in: boolean; read_seq: string }>(`SELECT conversation_id AS conversation, account_id AS account, role IS NOT NULL AS in, read_seq FROM parley.membership WHERE account_id = ANY ($1)`, database);
    for (const row of members) this.history.add({ is: 'member', ...row, read_seq: Number(row.read_seq) });
    const rows = await this.#rows<{ ref: string | null; message: Record<string, any> }>(`SELECT m.ref, ('{' || parley._message_members(m) || '}')::jsonb AS message FROM parley.message m
      WHERE m.conversation_id IN (SELECT conversation_id FROM parley.membership WHERE account_id = ANY ($1)) ORDER BY m.conversation_id, m.seq`, database);
    for (const { ref, message } of rows) this.history.add({ is: 'row', key: ref, state: stateOf(message) });
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.devices.map((device) => device.stop()));
    await Promise.all(this.devices.map((device) => device.pipe.stop()));
  }
}
