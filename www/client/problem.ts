// SPDX-License-Identifier: Apache-2.0
//
// Problem: the one error type that this library throws or rejects with.
//
// Invariant: `name` is the last part of the problem's `type` and is what a program decides by; `detail` is for people.
// Made here and never by a server: `offline` (no answer came), `bad_answer` (it was not the protocol), `reset` (a backup was put
// back meanwhile) and `stopped`.

import type { ProblemDocument } from './protocol.ts';

const PREFIX = 'urn:parley:';

export class Problem extends Error {
  /** The problem document's `type`, for example `urn:parley:not_a_member`. */
  readonly type: string;
  /** What follows `urn:parley:` in `type`: `not_a_member`, `offline`, … */
  override readonly name: string;
  readonly title: string;
  /** The HTTP status, also for what came over the live link; 0 when no answer came. */
  readonly status: number;
  /** What happened and what to do, in one or two sentences for a person. */
  readonly detail: string;
  /** Seconds to wait before trying again, when the server said so. */
  readonly retryAfter: number | null;

  constructor(document: ProblemDocument) {
    super(document.detail || document.title || document.type);
    this.type = document.type;
    this.name = document.type.startsWith(PREFIX) ? document.type.slice(PREFIX.length) : document.type;
    this.title = document.title;
    this.status = document.status;
    this.detail = document.detail;
    this.retryAfter = document.retry_after;
  }

  /** Whether the same request may succeed if it is simply repeated later: no answer, 429, or a server that is away. */
  get retryable(): boolean {
    return this.status === 0 || this.status === 429 || (this.status > 501 && this.status < 505);
  }

  /** A copy that structured clone and storage can hold; `new Problem(document)` brings it back. */
  get document(): ProblemDocument {
    return { type: this.type, title: this.title, status: this.status, detail: this.detail, retry_after: this.retryAfter };
  }
}

const local = (name: string, title: string, detail: string): Problem =>
  new Problem({ type: PREFIX + name, title, status: 0, detail, retry_after: null });

/** No answer came: no network, or the server is away. */
export const offline = (): Problem => local('offline', 'No connection', 'The server could not be reached. Try again.');

/** An answer came that is not what the protocol says. */
export const badAnswer = (detail: string): Problem => local('bad_answer', 'Unexpected answer', detail);

/** A backup was put back before it was answered: what it was to change may be another message now. */
export const overtaken = (): Problem =>
  new Problem({ type: `${PREFIX}reset`, title: 'Not done', status: 409, detail: 'The server was restored meanwhile. Look again, and repeat it.', retry_after: null });

/** The caller stopped it (client closed, logged out). */
export const stopped = (): Problem => local('stopped', 'Stopped', 'The connection was closed before an answer came.');
