// SPDX-License-Identifier: Apache-2.0
//
// One form's state while it is sent: busy, and what went wrong, by field.

import { useRef, useState } from 'preact/hooks';
import { problemText } from '../actions/problems.ts';

export type Problems = Record<string, string>;

export interface Form {
  busy: boolean;
  problems: Problems;
  /** Runs the work unless one is running; `explain` turns an error into problems by field. */
  run(work: () => Promise<unknown>, explain?: (error: unknown) => Problems | undefined): Promise<boolean>;
  fail(problems: Problems): void;
}

export function useForm(): Form {
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Problems>({});
  const mounted = useRef(true);
  return {
    busy,
    problems,
    fail: setProblems,
    async run(work, explain) {
      if (busy) return false;
      setBusy(true);
      setProblems({});
      try {
        await work();
        return true;
      } catch (error) {
        setProblems(explain?.(error) ?? { form: problemText(error) });
        return false;
      } finally {
        if (mounted.current) setBusy(false);
      }
    },
  };
}
