// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with what was typed, by field: checked before it is sent. The
// server has the last word.

import { problemText } from '../actions/problems.ts';
import { Problem } from '../../client/problem.ts';
import { t } from '../strings/index.ts';
import type { Problems } from './use-form.ts';

/** A text of 1 to `most` characters. */
export function checkLength(field: string, text: string, most: number, words: string): Problems {
  const { length } = [...text.trim()];
  return length >= 1 && length <= most ? {} : { [field]: words };
}

/** The login name of a new account. */
export function checkLogin(login: string): Problems {
  return /^[a-z0-9._-]{2,32}$/.test(login.trim().toLowerCase()) ? {} : { login: t.register.loginBad };
}

/** Both are there to log in with. */
export function checkGiven(login: string, password: string): Problems {
  return { ...(login.trim() ? {} : { login: t.login.nameMissing }), ...(password ? {} : { password: t.login.passwordMissing }) };
}

export function refusedLogin(error: unknown): Problems {
  return error instanceof Problem && error.status === 401 ? { password: t.login.wrong } : { form: problemText(error) };
}
