// SPDX-License-Identifier: Apache-2.0
//
// An instance as `make run` makes it (conf/run), for the tests of start and stop: started on a DATA of its own, watched
// until its ready line, ended by its own pid.

import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdtempSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { ROOT } from '../lib/cluster.ts';
import { freePort } from '../lib/stack.ts';
import { Hopeless, until } from '../lib/wait.ts';

export interface Started {
  code: number;
  output: string;
}

interface Process {
  child: ChildProcess;
  ended: Promise<number>;
}

const clean = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(PARLEY_|PG|NODE_TEST|DATA$|PORT$|LISTEN$|DEMO$)/.test(name)));

export class Instance {
  readonly data: string;
  readonly port: number;
  readonly root: string;
  readonly user: string | undefined;
  /** What the last start has said so far. */
  output = '';
  #started: Process | undefined;

  private constructor(data: string, port: number, root: string, user?: string) {
    this.data = data;
    this.port = port;
    this.root = root;
    this.user = user;
  }

  /** A DATA that is not there yet, in a folder that the accounts reach, or the one given. */
  static async make(options: { root?: string; data?: string; user?: string } = {}): Promise<Instance> {
    const instance = new Instance(options.data ?? join(mkdtempSync(join(tmpdir(), 'parley-s-')), 'data'), await freePort(), options.root ?? ROOT, options.user);
    if (!options.data) chmodSync(dirname(instance.data), 0o755);
    return instance;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  #spawn(args: string[], env: Record<string, string>, hear: (text: string) => void): Process {
    const command = [join(this.root, 'conf/run'), ...args];
    const argv = this.user ? ['setpriv', `--reuid=${this.user}`, `--regid=${this.user}`, '--init-groups', ...command] : command;
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: this.root, stdio: ['pipe', 'pipe', 'pipe'], detached: true,
      env: { ...clean(), DATA: this.data, PORT: String(this.port), ...(this.user ? { HOME: '/', XDG_RUNTIME_DIR: '' } : {}), ...env },
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => hear(String(text)));
    return { child, ended: new Promise((done) => child.once('close', (code, signal) => done(code ?? (signal ? 128 : -1)))) };
  }

  /** Runs to its end, beside what was started: a start that is refused, or another command. */
  async run(args: string[] = ['start'], env: Record<string, string> = {}, input = ''): Promise<Started> {
    let output = '';
    const { child, ended } = this.#spawn(args, env, (text) => (output += text));
    child.stdin!.end(input);
    return { code: await ended, output };
  }

  /** Starts and waits for the ready line; returns the seconds it took. */
  async start(env: Record<string, string> = {}): Promise<number> {
    const started = performance.now();
    this.output = '';
    this.#started = this.#spawn(['start'], env, (text) => (this.output += text));
    let code: number | undefined;
    void this.#started.ended.then((ended) => (code = ended));
    await until('the ready line', () => {
      if (code !== undefined) throw new Hopeless(`conf/run ended with ${code}:\n${this.output}`);
      return this.output.includes('ready at');
    }, 120_000);
    return (performance.now() - started) / 1000;
  }

  signal(signal: NodeJS.Signals): void {
    this.#started!.child.kill(signal);
  }

  /** The exit code of what was started, once it ended. */
  get ended(): Promise<number> {
    return this.#started!.ended;
  }

  /** Ends it; the exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number> {
    this.signal(signal);
    return this.ended;
  }

  /** Where it says its data is (DATA may have been moved). */
  get place(): string {
    return /data in (.+?)(?: \(its accounts|;|$)/m.exec(this.output)![1]!;
  }

  /** The folder of its supervision, outside of DATA. */
  supervision(): string {
    const folders = ['/run', '/tmp'].flatMap((base) => readdirSync(base).filter((name) => /^parley-.*\.super$/.test(name)).map((name) => join(base, name)));
    const own = folders.find((dir) => lstatSync(join(dir, 'lock'), { throwIfNoEntry: false })?.isSymbolicLink() && readlinkSync(join(dir, 'lock')) === `${this.place}/lock`);
    if (!own) throw new Error(`no supervision of ${this.place}`);
    return own;
  }

  /** The services' pids: name → the service's own pid. */
  services(): Map<string, number> {
    const dir = this.supervision();
    const pid = (name: string): string => join(dir, name, 'supervise/pid');
    return new Map(readdirSync(dir).filter((name) => existsSync(pid(name))).map((name) => [name, Number(readFileSync(pid(name), 'utf8'))]));
  }

  async healthy(): Promise<boolean> {
    const answer = await fetch(`${this.url}/api/health`).catch(() => undefined);
    return answer?.status === 200 && ((await answer.json()) as { relays?: number }).relays === 2;
  }

  async remove(): Promise<void> {
    const child = this.#started?.child;
    if (child && child.exitCode === null && child.signalCode === null) await this.stop();
    const made = dirname(this.data);
    rmSync(basename(made).startsWith('parley-s-') ? made : this.data, { recursive: true, force: true });
  }
}
