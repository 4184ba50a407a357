// SPDX-License-Identifier: Apache-2.0
//
// A transport carries commands up and events down; the link knows only this interface and not which one it has.
//
// Invariants: `onEvents` gets the events in the order the server gave them, each frame or batch once; after `onClose`
// (which comes exactly once) or `close()` nothing comes any more; commands go up in the order of `send`.

import type { Command } from './protocol.ts';

export type TransportKind = 'websocket' | 'http';

/** Why a transport ended. */
export type End =
  /** It never came to be: the upgrade was refused, or no answer. */
  | 'refused'
  /** It was and is no more: cut, timed out, the poll session is gone. */
  | 'lost'
  /** The relay is restarting: connect again after what `bye` said. */
  | 'restart'
  /** Back off. */
  | 'busy'
  /** The credential is not good (any more). */
  | 'unauthenticated'
  /** This account has too many live connections: only when the person acts. */
  | 'too_many'
  /** The server says we break the protocol: stop. */
  | 'protocol';

export interface TransportHost {
  /** It may be written to: the `hello` goes now. */
  onOpen(): void;
  /** One frame or batch, as parsed JSON. */
  onEvents(events: readonly unknown[]): void;
  /** Anything at all was heard from the server. */
  onHeard(): void;
  /** `retryAfterMs`: what the server asked for, or 0. */
  onClose(end: End, detail: string, retryAfterMs: number): void;
}

export interface Transport {
  readonly kind: TransportKind;
  send(commands: readonly Command[]): void;
  /** End it without a word to the host. */
  close(): void;
}

/** Limits of a frame or poll body (protocol.md section 1), with room to spare. */
export const MAX_COMMANDS = 100;
const MAX_BYTES = 200 * 1024;

const encoder = new TextEncoder();

/** The first of `commands` that fit into one frame: their count and their JSON texts. At least one. */
export function fitting(commands: readonly Command[], max = MAX_COMMANDS): string[] {
  const texts: string[] = [];
  let bytes = 0;
  for (const command of commands) {
    const text = JSON.stringify(command);
    bytes += encoder.encode(text).length + 1;
    if (texts.length > 0 && (bytes > MAX_BYTES || texts.length >= max)) break;
    texts.push(text);
  }
  return texts;
}
