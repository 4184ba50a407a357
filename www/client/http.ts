// SPDX-License-Identifier: Apache-2.0
//
// HTTP to the server: JSON up, JSON or a problem document down.
//
// Invariants: every failure is a Problem; what is not JSON of the expected shape is `bad_answer`; a request is repeated
// only where that is safe (GET, or the caller says that the body carries a `ref` or sets a state), honouring Retry-After.
// A 401 or `password_change` is also told to `onDenied`, so that one place decides what a dead session means.
// Refuses: other origins. Knows nothing of the live link.

import { DecodeError, decodeProblem } from './protocol.ts';
import { Problem, badAnswer, offline } from './problem.ts';
import { sleep } from './timing.ts';

export interface RequestOptions<T> {
  readonly body?: unknown;
  /** Turns the answer into a value; without it the answer is ignored. */
  readonly decode?: (x: unknown) => T;
  /** Safe to repeat although it is not a GET. */
  readonly repeat?: boolean;
  /** How often at most; 1 = never again. */
  readonly tries?: number;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** A 401 is about what was typed (login), not about this client's session. */
  readonly anonymous?: boolean;
}

const RETRY_STATUS = new Set([0, 429, 502, 503, 504]);
const LONGEST_PAUSE_S = 30;

export class Http {
  readonly origin: string;
  /** A bearer token, or null to rely on the cookie. */
  token: string | null;
  onDenied: (problem: Problem) => void = () => {};

  constructor(origin: string, token: string | null) {
    this.origin = origin.replace(/\/+$/, '');
    this.token = token;
  }

  /** The absolute URL of a path of this origin. A path that would lead elsewhere throws. */
  url(path: string): string {
    if (!path.startsWith('/') || path.startsWith('//')) throw badAnswer(`not a path of this origin: ${path}`);
    return this.origin + path;
  }

  async request<T = void>(method: string, path: string, options: RequestOptions<T> = {}): Promise<T> {
    const tries = options.repeat || method === 'GET' ? (options.tries ?? 4) : 1;
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#once(method, path, options);
      } catch (error) {
        const problem = asProblem(error);
        if (attempt >= tries || !RETRY_STATUS.has(problem.status) || problem.name === 'bad_answer' || options.signal?.aborted) {
          if (!options.anonymous && (problem.status === 401 || problem.name === 'password_change')) this.onDenied(problem);
          throw problem;
        }
        await sleep(retryPause(problem, attempt), options.signal);
      }
    }
  }

  async #once<T>(method: string, path: string, options: RequestOptions<T>): Promise<T> {
    const timeout = AbortSignal.timeout(options.timeoutMs ?? 15_000);
    const answer = await this.fetch(method, path, options.body, options.signal ? AbortSignal.any([timeout, options.signal]) : timeout);
    const parsed = answer.status === 204 ? undefined : await parse(answer);
    return options.decode ? options.decode(parsed) : (undefined as T);
  }

  /** One bare request. Resolves with a good answer (2xx) or rejects with the Problem. */
  async fetch(method: string, path: string, body: unknown, signal: AbortSignal): Promise<Response> {
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (this.token !== null) headers.Authorization = `Bearer ${this.token}`;
    const answer = await fetch(this.url(path), {
      method, headers, signal, cache: 'no-store', redirect: 'error', ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw await readProblem(answer);
    return answer;
  }
}

async function parse(answer: Response): Promise<unknown> {
  try {
    return JSON.parse(await answer.text());
  } catch (error) {
    if (error instanceof SyntaxError) throw badAnswer('The answer is not JSON.');
    throw error;
  }
}

/** The problem an answer carries; one made of its status where it carries none (a proxy in between). */
async function readProblem(answer: Response): Promise<Problem> {
  const header = Number(answer.headers.get('Retry-After') ?? Number.NaN);
  const seconds = Number.isFinite(header) && header >= 0 ? header : null;
  try {
    const document = decodeProblem(JSON.parse(await answer.text()));
    return new Problem({ ...document, status: answer.status, retry_after: document.retry_after ?? seconds });
  } catch {
    const type = answer.status >= 500 ? 'urn:parley:unavailable' : 'about:blank';
    return new Problem({ type, title: answer.statusText, status: answer.status, detail: '', retry_after: seconds });
  }
}

/** Whatever was thrown, as a Problem. */
export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof DecodeError) return badAnswer(error.message);
  return offline();
}

/** Milliseconds to wait before the next try: what the server asked for, else 0.5 s doubling, with jitter. */
export function retryPause(problem: Problem, attempt: number): number {
  const own = 0.5 * 2 ** (attempt - 1) * (0.5 + Math.random());
  return Math.min(Math.max(problem.retryAfter ?? 0, own), LONGEST_PAUSE_S) * 1000;
}
