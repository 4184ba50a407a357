// SPDX-License-Identifier: Apache-2.0
//
// Talking to the HTTP interface as a test does: every answer whole, nothing retried, nothing hidden.

export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  retry_after?: number;
}

export interface Answer<T = any> {
  status: number;
  headers: Headers;
  /** The parsed body; the raw text where it is not JSON; undefined where there is none. */
  body: T;
}

export interface RequestOptions {
  headers?: Record<string, string>;
  /** Sent as it is instead of JSON. */
  raw?: BodyInit;
  token?: string | null;
}

/** One caller: a base address and, once logged in, a token. */
export class Api {
  readonly url: string;
  token: string | null;

  constructor(url: string, token: string | null = null) {
    this.url = url;
    this.token = token;
  }

  async call<T = any>(method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer<T>> {
    const token = options.token === undefined ? this.token : options.token;
    const headers: Record<string, string> = { ...(token ? { authorization: `Bearer ${token}` } : {}) };
    let payload: BodyInit | undefined;
    if (options.raw !== undefined) payload = options.raw;
    else if (body !== undefined) payload = JSON.stringify(body);
    if (payload !== undefined) headers['content-type'] = 'application/json';
    const response = await fetch(this.url + path, {
      method, headers: { ...headers, ...options.headers }, redirect: 'manual', ...(payload === undefined ? {} : { body: payload }),
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: (json ? JSON.parse(text) : text || undefined) as T };
  }

  get<T = any>(path: string, options?: RequestOptions): Promise<Answer<T>> {
    return this.call<T>('GET', path, undefined, options);
  }
  post<T = any>(path: string, body?: unknown, options?: RequestOptions): Promise<Answer<T>> {
    return this.call<T>('POST', path, body ?? {}, options);
  }
  patch<T = any>(path: string, body: unknown, options?: RequestOptions): Promise<Answer<T>> {
    return this.call<T>('PATCH', path, body, options);
  }
  delete<T = any>(path: string, options?: RequestOptions): Promise<Answer<T>> {
    return this.call<T>('DELETE', path, undefined, options);
  }
}

/** Fails unless the answer is the documented problem: status, type, and nothing but a problem document. */
export function expectProblem(answer: Answer, status: number, name: string): Problem {
  const problem = answer.body as Problem;
  const got = `${answer.status} ${JSON.stringify(answer.body)}`;
  if (answer.status !== status) throw new Error(`expected ${status} urn:parley:${name}, got ${got}`);
  if (!/^application\/problem\+json/.test(answer.headers.get('content-type') ?? '')) throw new Error(`not a problem document: ${got}`);
  if (problem.type !== `urn:parley:${name}` || problem.status !== status || !problem.title) {
    throw new Error(`expected urn:parley:${name}, got ${got}`);
  }
  return problem;
}

/** Fails unless the status is the expected one; returns the body. */
export function expectStatus<T>(answer: Answer<T>, status: number): T {
  if (answer.status !== status) throw new Error(`expected ${status}, got ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}
