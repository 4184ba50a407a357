// SPDX-License-Identifier: Apache-2.0
//
// The WebSocket transport (protocol section 3.3): text frames, each an array of events down, an array of commands up.

import type { Command } from './protocol.ts';
import { fitting, type End, type Transport, type TransportHost } from './transport.ts';

const SUBPROTOCOL = 'parley.v1';

/** What a close code asks of us. Every other code: refused if it never opened, else lost. */
const CODES: { readonly [code: number]: End } = {
  1003: 'protocol', 1007: 'protocol', 1008: 'protocol', 1009: 'protocol', 1012: 'restart', 1013: 'busy',
  4001: 'unauthenticated', 4002: 'unauthenticated', 4003: 'too_many',
};

export class WebSocketTransport implements Transport {
  readonly kind = 'websocket';
  readonly #socket: WebSocket;
  readonly #host: TransportHost;
  #open = false;
  #ended = false;

  /** `url`: absolute, http(s) or ws(s), without `/ws`. */
  constructor(url: string, host: TransportHost) {
    this.#host = host;
    this.#socket = new WebSocket(`${url.replace(/^http/, 'ws')}/ws`, [SUBPROTOCOL]);
    this.#socket.onopen = () => {
      this.#open = true;
      host.onOpen();
    };
    this.#socket.onmessage = (frame: MessageEvent) => this.#onFrame(frame.data);
    this.#socket.onclose = (event) => this.#end(event.code, event.reason);
    this.#socket.onerror = () => this.#end(1006, 'error');
  }

  send(commands: readonly Command[]): void {
    let rest = commands;
    while (rest.length > 0 && this.#socket.readyState === WebSocket.OPEN) {
      const texts = fitting(rest);
      this.#socket.send(`[${texts.join(',')}]`);
      rest = rest.slice(texts.length);
    }
  }

  close(): void {
    this.#ended = true;
    this.#silence();
  }

  #onFrame(data: unknown): void {
    if (this.#ended) return;
    this.#host.onHeard();
    const events = typeof data === 'string' ? parseArray(data) : null;
    if (events === null) this.#finish('lost', 'a frame that is not an array of events');
    else this.#host.onEvents(events);
  }

  #end(code: number, reason: string): void {
    this.#finish(CODES[code] ?? (this.#open ? 'lost' : 'refused'), `${code} ${reason}`.trim());
  }

  #finish(end: End, detail: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#silence();
    this.#host.onClose(end, detail, 0);
  }

  #silence(): void {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.onerror = () => {};
    try {
      socket.close();
    } catch {
      // Nothing depends on how it ends.
    }
  }
}

function parseArray(text: string): unknown[] | null {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
