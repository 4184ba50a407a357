// SPDX-License-Identifier: Apache-2.0
//
// What went wrong, in words for a person, and the one place where an action that
// failed without a form of its own tells it.

import { Problem } from '../../client/index.ts';
import { toast } from '../state/screen.ts';
import { t } from '../strings/index.ts';

export function problemText(error: unknown): string {
  if (!(error instanceof Problem)) return t.problems.unknown;
  if (error.status === 0) return t.problems.offline;
  if (error.status === 429) return t.problems.tooMany(error.retryAfter ?? 30);
  if (error.status >= 500) return t.problems.unavailable;
  if (error.status === 404) return t.problems.gone;
  return error.detail || error.title || t.problems.unknown;
}

/** Runs something that a click started; tells a failure in a toast. True when it worked. */
export async function attempt(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof Problem)) console.error(error);
    toast(problemText(error));
    return false;
  }
}
