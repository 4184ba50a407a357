// SPDX-License-Identifier: Apache-2.0
//
// Daemons under test: started with a log file, watched, ended by their own pid. An exit that the test did not cause, or
// a sanitizer's report in the log, fails the test with its text.

import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Hopeless, until } from './wait.ts';

export interface DaemonOptions {
  env?: Record<string, string>;
  /** Where stdout and stderr go. */
  log: string;
  /** Run as this account when the tests run as root. */
  user?: string | undefined;
}

const REPORT = /ERROR: (Address|Leak|Thread)Sanitizer|runtime error:|LeakSanitizer: detected/;

export class Daemon {
  readonly name: string;
  readonly log: string;
  #child: ChildProcess;
  #ended: Promise<string>;
  #expected = false;
  /** How it ended when nobody asked it to; empty while all is well. */
  failure = '';

  constructor(name: string, command: string[], options: DaemonOptions) {
    this.name = name;
    this.log = options.log;
    const out = openSync(options.log, 'a');
    const argv = options.user && process.getuid?.() === 0
      ? ['setpriv', `--reuid=${options.user}`, `--regid=${options.user}`, '--clear-groups', ...command]
      : command;
    this.#child = spawn(argv[0]!, argv.slice(1), {
      env: { ...process.env, ...sanitizerEnv(options.log), ...options.env },
      stdio: ['ignore', out, out],
    });
    closeSync(out);
    this.#ended = new Promise((done) => {
      this.#child.once('error', (error) => done(String(error)));
      this.#child.once('exit', (code, signal) => done(signal ?? `exit ${code}`));
    });
    void this.#ended.then((how) => {
      if (!this.#expected) this.failure = `${this.name} ended by itself (${how}):\n${findReport(this.log) || this.tail()}`;
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** From now on it may end by itself: something is done to it that it cannot survive. */
  doom(): void {
    this.#expected = true;
  }

  /** Ends it on purpose and waits until it is gone; returns how it ended, e.g. 'exit 0' or 'SIGKILL'. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<string> {
    this.#expected = true;
    if (this.alive) this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 20_000);
    const how = await this.#ended;
    clearTimeout(timer);
    return how;
  }

  /** The end of the log, for a failure's text. */
  tail(bytes = 4000): string {
    return existsSync(this.log) ? readFileSync(this.log, 'utf8').slice(-bytes) : '';
  }

  /** Throws what went wrong in it: an exit of its own, a sanitizer's report. */
  check(): void {
    if (this.failure) throw new Error(this.failure);
    const report = findReport(this.log);
    if (report) throw new Error(`${this.name}: ${report}`);
  }

  async ready(what: string, ask: () => boolean | Promise<boolean>): Promise<void> {
    await until(`${this.name}: ${what}\n${this.tail(1500)}`, async () => {
      if (this.failure) throw new Hopeless(this.failure);
      return ask();
    });
  }
}

function sanitizerEnv(log: string): Record<string, string> {
  const path = `log_path=${log}.san`;
  return {
    ASAN_OPTIONS: `${path}:halt_on_error=1:abort_on_error=0:detect_leaks=1`,
    UBSAN_OPTIONS: `${path}:halt_on_error=1:print_stacktrace=1`,
    LSAN_OPTIONS: `${path}`,
  };
}

/** The text of a sanitizer's report beside or in a log; empty when there is none. */
export function findReport(log: string): string {
  const near = existsSync(dirname(log)) ? readdirSync(dirname(log)) : [];
  const files = near.filter((file) => file.startsWith(`${basename(log)}.san.`)).map((file) => join(dirname(log), file));
  for (const file of [log, ...files]) {
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (REPORT.test(text)) return text.slice(-6000);
  }
  return '';
}
