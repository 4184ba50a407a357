// SPDX-License-Identifier: Apache-2.0
//
// A good history, made up from a seed: a model of a server that does all right, and of devices that read all they are told.
// The checker must find nothing in it, and must find whatever mutations.ts does to it.

import { History, type Entry, type State } from './history.ts';
import { Random } from './random.ts';

const ACCOUNTS = ['1', '2', '3'];
const OUTSIDER = '9';
const CONVERSATIONS = ['100', '200'];

interface Device {
  name: string;
  account: string;
  life: string;
}

class Model {
  readonly history = new History();
  readonly random: Random;
  readonly devices: Device[];
  readonly rows = new Map<string, { key: string | null; state: State }[]>(CONVERSATIONS.map((id) => [id, []]));
  readonly mods = new Map<string, number>(CONVERSATIONS.map((id) => [id, 0]));
  readonly read = new Map<string, number>();
  readonly out = new Set<string>();
  readonly known = new Map<string, Map<number, State>>();
  #keys = 0;
  #lives = 0;
  #clock = 0;

  constructor(seed: number) {
    this.random = new Random(seed);
    this.devices = [...ACCOUNTS, OUTSIDER].flatMap((account) => [1, 2].map((i) => ({ name: `${account}/${i}`, account, life: '' })));
    for (const conversation of CONVERSATIONS) for (const account of ACCOUNTS) for (const phase of ['try', 'ok'] as const) this.add({ is: 'in', phase, conversation, account });
    for (const device of this.devices) {
      for (const conversation of CONVERSATIONS) if (device.account !== OUTSIDER) this.add({ is: 'follows', ...this.#of(device, conversation), from: 1 });
      this.connect(device);
    }
  }

  add(fact: Parameters<History['add']>[0]): Entry {
    const entry = this.history.add(fact);
    entry.t = this.#clock += 5;
    return entry;
  }

  #of(device: Device, conversation: string) {
    return { device: device.name, account: device.account, conversation };
  }

  members(conversation: string): Device[] {
    return this.devices.filter(({ account }) => account !== OUTSIDER && !this.out.has(`${conversation} ${account}`));
  }

  connect(device: Device): void {
    if (device.life) this.add({ is: 'gone', device: device.name, life: device.life });
    device.life = `l${++this.#lives}`;
    this.add({ is: 'life', device: device.name, account: device.account, life: device.life, relay: this.random.pick(['a', 'b']) });
    this.add({ is: 'ready', device: device.name, life: device.life, whole: true });
  }

  /** A change that all members' devices are told of. */
  tell(conversation: string, state: State): void {
    for (const device of this.random.shuffled(this.members(conversation))) {
      this.add({ is: 'saw', ...this.#of(device, conversation), life: device.life, path: 'live', state: { ...state } });
    }
  }

  send(): void {
    const conversation = this.random.pick(CONVERSATIONS);
    const device = this.random.pick(this.members(conversation));
    const key = `k${++this.#keys}`;
    const rows = this.rows.get(conversation)!;
    const reply = rows.length > 0 && this.random.chance(0.3) ? { reply_to: this.random.int(1, rows.length) } : {};
    this.add({ is: 'try', key, op: 'send', body: `${key} text`, fifo: device.name, ...reply, ...this.#of(device, conversation) });
    const fate = this.random.weighted({ ok: 80, unknown: 8, refused: 6, later: 6 });
    if (fate === 'refused') return void this.add({ is: 'no', key, problem: 'archived', final: true });
    if (fate === 'later') {
      this.add({ is: 'no', key, problem: 'unavailable', final: false });
      this.add({ is: 'again', key });
    }
    const state = { conversation, seq: rows.length + 1, mod: this.#mod(conversation), sender: device.account, kind: 'text' as const, body: `${key} text`, deleted: false, edited: false, reply_to: reply.reply_to ?? null, reactions: '', pinned: false };
    rows.push({ key, state });
    if (fate !== 'unknown') this.add({ is: 'ok', key, conversation, seq: state.seq, mod: state.mod });
    this.tell(conversation, state);
  }

  #mod(conversation: string): number {
    this.mods.set(conversation, this.mods.get(conversation)! + 1);
    return this.mods.get(conversation)!;
  }

  change(): void {
    const conversation = this.random.pick(CONVERSATIONS);
    const row = this.rows.get(conversation)!.filter(({ state }) => !state.deleted).at(-this.random.int(1, 5));
    if (!row) return;
    const device = this.devices.find(({ account }) => account === row.state.sender)!;
    const key = `k${++this.#keys}`;
    const op = this.random.weighted({ edit: 5, react: 4, delete: 1 });
    this.add({ is: 'try', key, op, seq: row.state.seq, ...(op === 'edit' ? { body: `${key} edited` } : {}), ...this.#of(device, conversation) });
    const changed = op === 'edit' ? { body: `${key} edited`, edited: true } : op === 'react' ? { reactions: `👍:${device.account}` } : { body: null, deleted: true, edited: false, reply_to: null, reactions: '' };
    row.state = { ...row.state, ...changed, mod: this.#mod(conversation) };
    this.add({ is: 'ok', key, conversation, seq: row.state.seq, mod: row.state.mod });
    this.tell(conversation, row.state);
  }

  page(): void {
    const conversation = this.random.pick(CONVERSATIONS);
    const device = this.random.pick(this.members(conversation));
    const rows = this.rows.get(conversation)!;
    if (rows.length === 0) return;
    const key = `k${++this.#keys}`;
    this.add({ is: 'try', key, op: 'page', ...this.#of(device, conversation) });
    const shown = rows.slice(-10);
    for (const { state } of shown) this.add({ is: 'saw', ...this.#of(device, conversation), life: device.life, path: 'page', page: key, state: { ...state } });
    this.add({ is: 'page', key, ...this.#of(device, conversation), first: shown[0]!.state.seq, last: rows.length, newest: rows.length });
  }

  marker(): void {
    const conversation = this.random.pick(CONVERSATIONS);
    const { account } = this.random.pick(this.members(conversation));
    const what = `${conversation} ${account}`;
    const seq = this.random.int(this.read.get(what) ?? 0, this.rows.get(conversation)!.length);
    this.read.set(what, seq);
    for (const device of this.members(conversation)) this.add({ is: 'marker', marker: 'read', ...this.#of(device, conversation), of: account, seq });
  }

  /** Somebody is removed, misses what is said meanwhile, and comes back to the whole. */
  removal(): void {
    const conversation = CONVERSATIONS[0]!;
    const account = this.random.pick(ACCOUNTS);
    const devices = this.devices.filter((device) => device.account === account);
    this.add({ is: 'out', phase: 'try', conversation, account });
    this.out.add(`${conversation} ${account}`);
    for (const device of devices) {
      this.add({ is: 'left', ...this.#of(device, conversation), life: device.life });
      this.add({ is: 'drops', ...this.#of(device, conversation) });
    }
    this.add({ is: 'out', phase: 'ok', conversation, account });
    for (let i = 0; i < 4; i++) this.send();
    for (const phase of ['try', 'ok'] as const) this.add({ is: 'in', phase, conversation, account });
    this.out.delete(`${conversation} ${account}`);
    for (const device of devices) {
      this.add({ is: 'joined', ...this.#of(device, conversation), life: device.life });
      for (const { state } of this.rows.get(conversation)!) this.add({ is: 'saw', ...this.#of(device, conversation), life: device.life, path: 'changes', state: { ...state } });
      this.add({ is: 'follows', ...this.#of(device, conversation), from: 1 });
    }
  }

  fault(): void {
    const touches = this.random.pick(['a', 'b', 'all']);
    this.add({ is: 'fault', name: 'a fault', phase: 'begin', touches });
    this.connect(this.random.pick(this.devices));
    this.add({ is: 'fault', name: 'a fault', phase: 'end', touches });
  }

  end(): void {
    this.#clock += 60_000;
    for (const [conversation, rows] of this.rows) {
      for (const { key, state } of rows) this.add({ is: 'row', key, state });
      for (const account of ACCOUNTS) this.add({ is: 'member', conversation, account, in: true, read_seq: this.read.get(`${conversation} ${account}`) ?? 0 });
      for (const device of this.members(conversation)) {
        const readSeq = this.read.get(`${conversation} ${device.account}`) ?? 0;
        const unread = rows.filter(({ state }) => state.seq > readSeq && !state.deleted && state.sender !== device.account).length;
        this.add({ is: 'held', ...this.#of(device, conversation), from: 1, states: rows.map(({ state }) => ({ ...state })), read_seq: readSeq, unread });
      }
    }
  }
}

export function goodHistory(seed: number, steps = 100): Entry[] {
  const model = new Model(seed);
  for (let i = 0; i < steps; i++) {
    const what = model.random.weighted({ send: 55, change: 20, page: 8, marker: 10, removal: 2, fault: 5 });
    model[what]();
  }
  model.end();
  return model.history.entries;
}
