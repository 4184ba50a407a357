// SPDX-License-Identifier: Apache-2.0
//
// A pipe between a client and a server, TCP or unix, that misbehaves on demand. What it holds back it lets go of when it is
// mended, as a network does after a partition; or it cuts.

import { chmodSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export type Ill =
  | 'well'
  /** Nothing passes, either way, and nobody is told. */
  | 'hole'
  /** Nobody can connect, and what is connected is reset. */
  | 'refuse'
  /** Everything takes `delayMs` longer. */
  | 'slow'
  /** Answers come a few bytes at a time. */
  | 'trickle'
  /** Answers are passed on when they are whole, so those that never end never are; and after 30 s all is cut. */
  | 'buffer'
  /** PostgreSQL's notifications are dropped; all else passes. */
  | 'deaf';

const NOTIFICATION = 'A'.charCodeAt(0);
const TRICKLE_BYTES = 16;
const BUFFER_CUT_MS = 30_000;
const BUFFER_QUIET_MS = 40;

export class Pipe {
  delayMs = 200;
  #ill: Ill = 'well';
  /** Cut the connection that next passes as many bytes. */
  #cutAfter = Infinity;
  readonly #server: Server;
  readonly #target: number | string;
  readonly #lines = new Set<Line>();

  private constructor(server: Server, target: number | string) {
    this.#server = server;
    this.#target = target;
    server.on('connection', (client) => this.#accept(client));
  }

  /** At a free port, or at the path of a unix socket. */
  static async start(target: number | string, at?: string): Promise<Pipe> {
    const server = createServer();
    await new Promise<void>((done) => (at ? server.listen(at, done) : server.listen(0, '127.0.0.1', done)));
    if (at) chmodSync(at, 0o777);
    return new Pipe(server, target);
  }

  /** A pipe to a unix socket leads to PostgreSQL. */
  get postgres(): boolean {
    return typeof this.#target === 'string';
  }
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get ill(): Ill {
    return this.#ill;
  }
  set ill(ill: Ill) {
    this.#ill = ill;
    if (ill === 'refuse') this.cut();
    for (const line of this.#lines) line.pump();
  }

  cut(): void {
    for (const line of this.#lines) line.end();
  }

  cutAfter(bytes: number): void {
    this.#cutAfter = bytes;
  }

  /** Counts what passes; false when the connection ends here, in the middle of whatever it is. */
  passes(bytes: number): boolean {
    this.#cutAfter -= bytes;
    if (this.#cutAfter > 0) return true;
    this.#cutAfter = Infinity;
    return false;
  }

  #accept(client: Socket): void {
    if (this.#ill === 'refuse') return reset(client);
    const server = typeof this.#target === 'number' ? connect(this.#target, '127.0.0.1') : connect(this.#target);
    const lines = [new Line(this, client, server, false), new Line(this, server, client, true)];
    for (const line of lines) {
      this.#lines.add(line);
      line.from.once('close', () => this.#lines.delete(line));
    }
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }
}

/** A unix socket knows no reset. */
function reset(socket: Socket): void {
  if (socket.remotePort === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

/** One direction of one connection. */
class Line {
  readonly from: Socket;
  readonly #to: Socket;
  readonly #pipe: Pipe;
  readonly #down: boolean;
  readonly #opened = performance.now();
  #held: { data: Buffer; at: number }[] = [];
  #upgraded = false;
  #timer: NodeJS.Timeout | undefined;
  #rest = Buffer.alloc(0);

  constructor(pipe: Pipe, from: Socket, to: Socket, down: boolean) {
    this.#pipe = pipe;
    this.from = from;
    this.#to = to;
    this.#down = down;
    from.on('data', (data) => this.#take(data));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      clearTimeout(this.#timer);
      if (pipe.ill !== 'hole') to.destroy();
    });
  }

  end(): void {
    clearTimeout(this.#timer);
    reset(this.from);
    reset(this.#to);
  }

  #take(data: Buffer): void {
    if (this.#down && data.subarray(0, 12).toString('latin1') === 'HTTP/1.1 101') this.#upgraded = true;
    this.#held.push({ data, at: performance.now() });
    this.pump();
  }

  pump(): void {
    clearTimeout(this.#timer);
    if (this.from.destroyed || this.#held.length === 0) return;
    const { at } = this.#held[0]!;
    const now = performance.now();
    switch (this.#pipe.ill) {
      case 'hole':
        return;
      case 'slow':
        if (now - at < this.#pipe.delayMs) return this.#again(this.#pipe.delayMs - (now - at));
        break;
      case 'trickle':
        if (this.#down) return this.#drip();
        break;
      case 'buffer':
        if (!this.#down) break;
        if (now - this.#opened > BUFFER_CUT_MS) return this.end();
        if (this.#upgraded || now - this.#held.at(-1)!.at < BUFFER_QUIET_MS) return this.#again(this.#upgraded ? 1000 : BUFFER_QUIET_MS);
        break;
      default:
    }
    for (const { data } of this.#held.splice(0)) this.#pass(data);
  }

  #again(ms: number): void {
    this.#timer = setTimeout(() => this.pump(), ms);
  }

  #drip(): void {
    const { data, at } = this.#held.shift()!;
    this.#pass(data.subarray(0, TRICKLE_BYTES));
    if (data.length > TRICKLE_BYTES) this.#held.unshift({ data: data.subarray(TRICKLE_BYTES), at });
    this.#again(20);
  }

  #pass(data: Buffer): void {
    if (!this.#pipe.passes(data.length)) {
      this.#to.write(data.subarray(0, data.length >> 1));
      return this.end();
    }
    const passed = this.#down && this.#pipe.postgres ? this.#filter(data) : data;
    if (passed.length > 0 && !this.#to.destroyed) this.#to.write(passed);
  }

  /** Whole messages of a database, without notifications while deaf. */
  #filter(data: Buffer): Buffer {
    this.#rest = Buffer.concat([this.#rest, data]);
    const out: Buffer[] = [];
    for (;;) {
      const length = this.#rest.length < 5 ? Infinity : 1 + this.#rest.readUInt32BE(1);
      if (this.#rest.length < length) break;
      if (this.#pipe.ill !== 'deaf' || this.#rest[0] !== NOTIFICATION) out.push(this.#rest.subarray(0, length));
      this.#rest = this.#rest.subarray(length);
    }
    return Buffer.concat(out);
  }
}
