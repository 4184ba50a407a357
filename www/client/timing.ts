// SPDX-License-Identifier: Apache-2.0
//
// Small tools around timers. Everything that waits in this library waits through setTimeout, so a test can own the clock.

import { stopped } from './problem.ts';

/** Resolves after `ms`; rejects with `stopped` at once when the signal aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(stopped());
    const end = () => {
      clearTimeout(timer);
      reject(stopped());
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', end);
      resolve();
    }, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}

/** One timer that can be set again and cleared; setting it replaces what was set. */
export class Timer {
  #handle: ReturnType<typeof setTimeout> | null = null;

  get running(): boolean {
    return this.#handle !== null;
  }

  set(ms: number, action: () => void): void {
    this.clear();
    this.#handle = setTimeout(() => {
      this.#handle = null;
      action();
    }, ms);
  }

  /** Set it unless it runs already: many calls become one action. */
  setOnce(ms: number, action: () => void): void {
    if (!this.running) this.set(ms, action);
  }

  clear(): void {
    if (this.#handle !== null) clearTimeout(this.#handle);
    this.#handle = null;
  }
}

/** `ms` spread at random by ± `share` of it. */
export const jitter = (ms: number, share = 0.2): number => ms * (1 - share + 2 * share * Math.random());

/** A promise with its handles. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

export function deferred<T>(): Deferred<T> {
  let resolve!: (value: T) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
