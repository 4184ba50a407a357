// SPDX-License-Identifier: Apache-2.0
//
// A TCP proxy between client and server that misbehaves on demand, as networks do. It looks at what a
// client sends to tell a WebSocket upgrade from any other request, and at nothing else.

import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, beforeEach } from 'node:test';

export type Fault =
  | 'none'
  /** Upgrades are answered 403. */
  | 'refuse'
  /** Upgrades are never answered. */
  | 'ignore'
  /** Upgrades succeed, then nothing passes: up, down or both ways. */
  | 'swallow-up' | 'swallow-down' | 'swallow'
  /** Nobody can connect, and what is connected is reset. */
  | 'offline';

/** JavaScript's own, whose name is taken here. */
const Proxied = globalThis.Proxy;

export class Proxy {
  readonly port: number;
  /** When each upgrade was asked for (performance.now). */
  readonly upgrades: number[] = [];
  #server: Server;
  #target: number;
  #fault: Fault = 'none';
  #sockets = new Map<Socket, { upgrade: boolean }>();

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.#target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#accept(client));
  }

  static async start(target: number): Promise<Proxy> {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return new Proxy(server, target);
  }

  /** From now on; connections that are open feel it too. */
  set fault(fault: Fault) {
    this.#fault = fault;
    if (fault === 'offline') this.cut();
  }
  get fault(): Fault {
    return this.#fault;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Resets what is connected: all of it, or the upgraded connections only. */
  cut(only: 'all' | 'upgrades' = 'all'): void {
    for (const [socket, about] of this.#sockets) {
      if (only === 'all' || about.upgrade) socket.resetAndDestroy();
    }
  }

  #accept(client: Socket): void {
    if (this.#fault === 'offline') {
      client.resetAndDestroy();
      return;
    }
    const about = { upgrade: false };
    const server = connect(this.#target, '127.0.0.1');
    for (const [from, to] of [[client, server], [server, client]] as const) {
      this.#sockets.set(from, about);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
    let answered = false;
    client.on('data', (data) => {
      // A kept connection may serve other requests before the upgrade.
      if (!about.upgrade && /^upgrade: *websocket/im.test(data.toString('latin1'))) {
        about.upgrade = true;
        this.upgrades.push(performance.now());
        answered = false;
        if (this.#fault === 'refuse') {
          client.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
          return;
        }
        if (this.#fault === 'ignore') return;
      } else if (about.upgrade && (this.#fault === 'swallow' || this.#fault === 'swallow-up')) return;
      server.write(data);
    });
    server.on('data', (data) => {
      if (about.upgrade && answered && (this.#fault === 'swallow' || this.#fault === 'swallow-down')) return;
      answered = true;
      client.write(data);
    });
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise<void>((done) => this.#server.close(() => done()));
  }
}

/** A proxy before a stack for the tests of one file; each test begins without a fault. */
export function useProxy(stack: { port: number }): Proxy {
  let proxy: Proxy | undefined;
  beforeEach(async () => {
    proxy ??= await Proxy.start(stack.port);
    proxy.fault = 'none';
  });
  after(() => proxy?.stop());
  return new Proxied({} as Proxy, {
    get: (_, member) => {
      const value = Reflect.get(proxy!, member, proxy) as unknown;
      return typeof value === 'function' ? value.bind(proxy) : value;
    },
    set: (_, member, value) => Reflect.set(proxy!, member, value, proxy),
  });
}
