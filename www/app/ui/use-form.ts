// SPDX-License-Identifier: Apache-2.0
//
// One form's state while it is sent: busy, and what went wrong, by field. After a
// refusal the focus goes to the first field that was refused.

import { useEffect, useState } from 'preact/hooks';
import { problemText } from '../actions/problems.ts';

export type Problems = Record<string, string>;

export interface Form {
  busy: boolean;
  problems: Problems;
  /** Runs the work unless one is running; `explain` turns an error into problems by field. */
  run(work: () => Promise<unknown>, explain?: (error: unknown) => Problems | undefined): Promise<boolean>;
  /** Runs the work unless something is wrong already. */
  check(problems: Problems, work: () => Promise<unknown>, explain?: (error: unknown) => Problems | undefined): Promise<boolean>;
}

/** The form that was sent last, in whichever view. */
let sent: HTMLFormElement | null = null;
addEventListener('submit', (event) => (sent = event.target as HTMLFormElement), true);

function focusRefused(): void {
  sent?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
}

export function useForm(): Form {
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<Problems>({});
  useEffect(() => {
    if (Object.keys(problems).length > 0) focusRefused();
  }, [problems]);
  const form: Form = {
    busy,
    problems,
    async check(wrong, work, explain) {
      if (Object.keys(wrong).length === 0) return form.run(work, explain);
      setProblems(wrong);
      return false;
    },
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
        setBusy(false);
      }
    },
  };
  return form;
}
