// SPDX-License-Identifier: Apache-2.0
//
// FastCGI records made by hand (the specification's sections 3 and 5), as no web server sends them, on a program's socket.

import { connect, type Socket } from 'node:net';

export const TYPE = { begin: 1, abort: 2, end: 3, params: 4, stdin: 5, stdout: 6, data: 8, values: 9 } as const;

export function record(type: number, content: Buffer | string = '', how: { id?: number; version?: number; length?: number; padding?: number } = {}): Buffer {
  const data = Buffer.from(content as string);
  const padding = how.padding ?? 0;
  const head = Buffer.from([how.version ?? 1, type, 0, 0, 0, 0, padding, 0]);
  head.writeUInt16BE(how.id ?? 1, 2);
  head.writeUInt16BE(how.length ?? data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(padding)]);
}

export const begin = (role = 1, keep = 0): Buffer => record(TYPE.begin, Buffer.from([0, role, keep, 0, 0, 0, 0, 0]));

function size(length: number): Buffer {
  if (length < 128) return Buffer.from([length]);
  const four = Buffer.alloc(4);
  four.writeUInt32BE((length | 0x80000000) >>> 0);
  return four;
}

export const pairs = (variables: Record<string, string | Buffer>): Buffer =>
  Buffer.concat(Object.entries(variables).flatMap(([name, value]) => {
    const [n, v] = [Buffer.from(name), Buffer.from(value as string)];
    return [size(n.length), size(v.length), n, v];
  }));

/** A whole request: what a web server would send. */
export function request(variables: Record<string, string | Buffer>, body: Buffer | string = ''): Buffer {
  const data = Buffer.from(body as string);
  return Buffer.concat([begin(), record(TYPE.params, pairs(variables)), record(TYPE.params), ...(data.length > 0 ? [record(TYPE.stdin, data)] : []), record(TYPE.stdin)]);
}

export interface Given {
  socket: Socket;
  /** The status line's number of what came back, 0 where nothing did; once the program has closed. */
  answer: Promise<{ status: number; text: string }>;
}

/** Writes bytes to a socket and leaves the connection open, until the program closes it. */
export function give(path: string, bytes: Buffer): Given {
  const socket = connect(path);
  socket.write(bytes);
  const answer = new Promise<{ status: number; text: string }>((done) => {
    let text = '';
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => done({ status: Number(/Status: (\d+)/.exec(text)?.[1] ?? 0), text }));
  });
  return { socket, answer };
}
