// SPDX-License-Identifier: Apache-2.0
//
// The long-poll transport (protocol section 3.4), for networks that break WebSockets.
//
// One poll is held by the server; commands go at once in a request of their own, which then is the held one. Each command
// has a running number in the poll session, so a request may be repeated, overtaken or lost without a command running
// twice or out of order. A batch is taken once, by its number.
//
// Invariants: of the commands, those up to #taken have run, those up to #posted are in some request, the rest wait.
// When nothing is under way that carries the current #ack, a new poll is sent, so one is always held.
// A failed request only puts #posted back to #taken: everything not known to have run goes again.

import type { Http } from './http.ts';
import { decodePoll, type Command, type PollAnswer } from './protocol.ts';
import type { Problem } from './problem.ts';
import { asProblem } from './http.ts';
import { Timer } from './timing.ts';
import { fitting, type End, type Transport, type TransportHost } from './transport.ts';

const WAIT_S = 20;
/** A held request that is silent for longer than this is given up. */
const GRACE_MS = 10_000;
const MAX_REQUESTS = 3;
/** The relay keeps at most 100 commands that came too early. */
const MAX_AHEAD = 90;
const MAX_FAILURES = 4;

export class PollTransport implements Transport {
  readonly kind = 'http';
  readonly #http: Http;
  readonly #path: string;
  readonly #host: TransportHost;
  readonly #stop = new AbortController();
  readonly #pause = new Timer();
  #session: string | null = null;
  #ack = 0;
  /** Commands not known to have run; the first has the number #taken + 1. */
  #commands: Command[] = [];
  #taken = 0;
  #posted = 0;
  /** The `ack` of each request under way. */
  readonly #underWay = new Set<{ readonly ack: number }>();
  #failures = 0;
  #scheduled = false;
  #ended = false;

  /** `path`: a path of the origin, without `/poll`. */
  constructor(http: Http, path: string, host: TransportHost) {
    this.#http = http;
    this.#path = `${path}/poll`;
    this.#host = host;
    queueMicrotask(() => this.#ended || host.onOpen());
  }

  send(commands: readonly Command[]): void {
    this.#commands.push(...commands);
    this.#schedule();
  }

  close(): void {
    this.#ended = true;
    this.#pause.clear();
    this.#stop.abort();
  }

  /** Commands given in one turn of the event loop go in one request. */
  #schedule(): void {
    if (this.#scheduled || this.#ended) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  #pump(): void {
    if (this.#ended || this.#pause.running) return;
    if (this.#session === null) {
      if (this.#underWay.size === 0 && this.#commands.length > 0) this.#post();
      return;
    }
    while (this.#mayPostCommands()) this.#post();
    if (![...this.#underWay].some((request) => request.ack === this.#ack)) this.#post();
  }

  #mayPostCommands(): boolean {
    const waiting = this.#taken + this.#commands.length - this.#posted;
    return waiting > 0 && this.#underWay.size < MAX_REQUESTS && this.#posted - this.#taken < MAX_AHEAD;
  }

  #post(): void {
    const unposted = this.#commands.slice(this.#posted - this.#taken);
    const commands = unposted.slice(0, fitting(unposted, MAX_AHEAD).length);
    const request = { ack: this.#ack };
    const body = { session: this.#session, ack: request.ack, wait: WAIT_S, first: this.#posted + 1, commands };
    this.#posted += commands.length;
    this.#underWay.add(request);
    this.#exchange(body)
      .finally(() => this.#underWay.delete(request))
      .then((answer) => this.#onAnswer(answer), (error: unknown) => this.#onFailure(asProblem(error)));
  }

  async #exchange(body: unknown): Promise<PollAnswer> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(WAIT_S * 1000 + GRACE_MS)]);
    const answer = await this.#http.fetch('POST', this.#path, body, signal);
    return decodePoll(await answer.json());
  }

  #onAnswer(answer: PollAnswer): void {
    if (this.#ended) return;
    this.#failures = 0;
    this.#session = answer.session;
    if (answer.taken !== null && answer.taken > this.#taken) this.#onTaken(answer.taken);
    this.#host.onHeard();
    if (!answer.superseded && answer.batch !== null && answer.batch > this.#ack) {
      this.#ack = answer.batch;
      this.#host.onEvents(answer.events);
    }
    this.#pump();
  }

  #onTaken(taken: number): void {
    this.#commands.splice(0, taken - this.#taken);
    this.#taken = taken;
    this.#posted = Math.max(this.#posted, taken);
  }

  #onFailure(problem: Problem): void {
    if (this.#ended) return;
    const end = endFor(problem, this.#session !== null);
    this.#failures++;
    if (end !== null || this.#session === null || this.#failures > MAX_FAILURES) {
      const last = end ?? (this.#session === null ? 'refused' : 'lost');
      this.close();
      this.#host.onClose(last, `${problem.status} ${problem.name}`, (problem.retryAfter ?? 0) * 1000);
      return;
    }
    this.#posted = this.#taken;
    const backOff = this.#failures === 1 ? 100 : 500 * 2 ** (this.#failures - 2);
    this.#pause.set(Math.max(backOff, (problem.retryAfter ?? 0) * 1000), () => this.#pump());
  }
}

/** What a poll's problem means for the transport; null: repeat the request. */
function endFor(problem: Problem, opened: boolean): End | null {
  const ours = problem.type.startsWith('urn:parley:');
  if (!ours && problem.status >= 400 && problem.status < 500) return 'refused';
  switch (problem.status) {
    case 400:
    case 403:
    case 413:
      return 'protocol';
    case 401:
      return 'unauthenticated';
    case 404:
      return 'refused';
    case 410:
      return 'lost';
    case 503:
      return opened ? null : 'busy';
    default:
      return null;
  }
}
