// SPDX-License-Identifier: Apache-2.0
//
// The relay's socket without any library between: WebSocket frames made by hand (RFC 6455 section 5.2), and HTTP requests
// as they are written. What comes back is kept as it was.

import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { request, type IncomingHttpHeaders } from 'node:http';
import { PATIENCE } from '../../lib/wait.ts';

export const OP = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface Frame {
  op: number;
  fin: boolean;
  data: Buffer;
}

/** One frame as a client sends it: masked, in the shortest form of length, unless told otherwise. */
export function frame(op: number, data: Buffer | string, how: { fin?: boolean; mask?: boolean; rsv?: number; length?: bigint } = {}): Buffer {
  const payload = typeof data === 'string' ? Buffer.from(data) : data;
  const masked = how.mask ?? true;
  const bit = masked ? 0x80 : 0;
  const first = ((how.fin ?? true) ? 0x80 : 0) | ((how.rsv ?? 0) << 4) | op;
  let head: Buffer;
  if (how.length !== undefined || payload.length > 65535) {
    head = Buffer.alloc(10);
    head.writeBigUInt64BE(how.length ?? BigInt(payload.length), 2);
    head[1] = bit | 127;
  } else if (payload.length > 125) {
    head = Buffer.alloc(4);
    head.writeUInt16BE(payload.length, 2);
    head[1] = bit | 126;
  } else {
    head = Buffer.from([0, bit | payload.length]);
  }
  head[0] = first;
  if (!masked) return Buffer.concat([head, payload]);
  const key = randomBytes(4);
  return Buffer.concat([head, key, payload.map((byte, i) => byte ^ key[i % 4]!)]);
}

export function closeData(code: number, reason = ''): Buffer {
  const data = Buffer.alloc(2);
  data.writeUInt16BE(code);
  return Buffer.concat([data, Buffer.from(reason)]);
}

export const UPGRADE: Readonly<Record<string, string>> = {
  Host: 'parley.test', Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol': 'parley.v1',
};

/** A WebSocket of bare hands on a relay's unix socket, or through the web server at a port. */
export class RawSocket {
  readonly socket: Socket;
  #bytes = Buffer.alloc(0);
  #over = false;
  #wake: () => void = () => {};
  status = 0;
  head = '';

  private constructor(where: string | number) {
    this.socket = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where);
    this.socket.on('data', (data) => {
      this.#bytes = Buffer.concat([this.#bytes, data]);
      this.#wake();
    });
    const over = (): void => {
      this.#over = true;
      this.#wake();
    };
    this.socket.on('close', over).on('end', over).on('error', over);
  }

  /** Sends an upgrade with the headers given over the usual ones (undefined leaves one out) and reads the answer's head. */
  static async open(socket: string | number, headers: Record<string, string | undefined> = {}, target = '/live/ws'): Promise<RawSocket> {
    const raw = new RawSocket(socket);
    const all = Object.entries({ ...UPGRADE, ...headers }).filter(([, value]) => value !== undefined);
    raw.socket.write(`GET ${target} HTTP/1.1\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
    const end = await raw.#when('the answer to the upgrade', () => {
      const at = raw.#bytes.indexOf('\r\n\r\n');
      return at >= 0 ? at : undefined;
    });
    raw.head = raw.#bytes.toString('latin1', 0, end);
    raw.#bytes = raw.#bytes.subarray(end + 4);
    raw.status = Number(raw.head.split(' ')[1]);
    return raw;
  }

  async #when<T>(what: string, look: () => T | undefined, patience = PATIENCE): Promise<T> {
    const deadline = performance.now() + patience;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = deadline - performance.now();
      if (this.#over || left <= 0) throw new Error(`${what}: ${this.#over ? 'the connection ended' : `not within ${patience} ms`}`);
      await new Promise<void>((done) => {
        const timer = setTimeout(done, left);
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
  }

  write(...frames: Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }
  say(...commands: object[]): void {
    this.write(frame(OP.text, JSON.stringify(commands.length === 1 ? commands[0] : commands)));
  }

  /** Everything after the head of a refusal, once the relay has closed. */
  async rest(): Promise<any> {
    const length = Number(/content-length: (\d+)/i.exec(this.head)?.[1] ?? 0);
    await this.#when('the body', () => (this.#bytes.length >= length ? true : undefined));
    return JSON.parse(this.#bytes.toString('utf8', 0, length));
  }

  #parse(): Frame | undefined {
    const b = this.#bytes;
    if (b.length < 2) return undefined;
    let length = b[1]! & 127;
    let at = 2;
    if (length === 126) [length, at] = [b.length >= 4 ? b.readUInt16BE(2) : Infinity, 4];
    else if (length === 127) [length, at] = [b.length >= 10 ? Number(b.readBigUInt64BE(2)) : Infinity, 10];
    if (b.length < at + length) return undefined;
    this.#bytes = b.subarray(at + length);
    return { op: b[0]! & 15, fin: (b[0]! & 0x80) !== 0, data: Buffer.from(b.subarray(at, at + length)) };
  }
  frame(patience = PATIENCE): Promise<Frame> {
    return this.#when('a frame', () => this.#parse(), patience);
  }

  /** The events of the next text frame. */
  async events(): Promise<any[]> {
    const got = await this.frame();
    if (got.op !== OP.text) throw new Error(`expected a text frame, got ${got.op} ${got.data.toString('hex')}`);
    return JSON.parse(got.data.toString()) as any[];
  }
  /** The first event of a type from here on. */
  async event(type: string): Promise<any> {
    for (;;) {
      const found = (await this.events()).find((event) => event.type === type);
      if (found) return found;
    }
  }

  /** The code of the relay's close frame, other frames skipped; answers it, as a client must. */
  async closed(): Promise<number> {
    for (;;) {
      const got = await this.frame();
      if (got.op !== OP.close) continue;
      const code = got.data.length >= 2 ? got.data.readUInt16BE(0) : 0;
      this.write(frame(OP.close, closeData(code)));
      await this.gone();
      return code;
    }
  }
  /** Resolves when the connection is over. */
  gone(patience = PATIENCE): Promise<true> {
    return this.#when('the end of the connection', () => (this.#over ? true : undefined), patience);
  }
  end(): void {
    this.socket.destroy();
  }
}

/** A raw session that is logged in and ready. */
export async function ready(socket: string | number, token: string | null): Promise<RawSocket> {
  const raw = await RawSocket.open(socket);
  raw.say({ type: 'hello', token });
  await raw.event('ready');
  return raw;
}

export interface RawAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: any;
}

/** One HTTP request to a unix socket; a body that is not a text is sent as JSON. */
export function http(socket: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<RawAnswer> {
  const payload = body === undefined ? undefined : typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return new Promise((done, fail) => {
    const asked = request({
      socketPath: socket, method, path, agent: false,
      headers: { host: 'parley.test', ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }), ...headers },
    }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (data: string) => (text += data));
      response.on('end', () => {
        let parsed: unknown = text;
        try {
          parsed = JSON.parse(text);
        } catch { /* left as text */ }
        done({ status: response.statusCode ?? 0, headers: response.headers, body: parsed });
      });
    });
    asked.on('error', fail);
    asked.end(payload);
  });
}
