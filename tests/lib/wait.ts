// SPDX-License-Identifier: Apache-2.0
//
// Waiting for a state, never for a time: `until` asks again until the answer is true-ish or the deadline has passed.

/** Milliseconds a state may take to come about before the test fails; sanitized builds get more. */
export const PATIENCE = process.env.SANITIZE ? 40_000 : 15_000;

export const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Thrown by what `until` asks: waiting on is of no use. */
export class Hopeless extends Error {}

/** The first truthy answer of `ask`; throws with `what` (and the last error, if any) when it does not come in time. */
export async function until<T>(what: string, ask: () => T | Promise<T>, patience = PATIENCE): Promise<Exclude<NonNullable<T>, false>> {
  const deadline = performance.now() + patience;
  let last: unknown;
  for (let delay = 2; ; delay = Math.min(delay * 2, 100)) {
    try {
      const answer = await ask();
      if (answer) return answer as Exclude<NonNullable<T>, false>;
      last = answer;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`waited ${patience} ms in vain: ${what} (last: ${last instanceof Error ? last.message : JSON.stringify(last)})`);
    }
    await pause(delay);
  }
}
