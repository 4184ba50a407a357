// SPDX-License-Identifier: Apache-2.0
//
// A whole Parley of its own for one test file: a database cloned from the template, the FastCGI programs, relays and a
// web server on a free port. All of it is real; all of it is gone after the file.
//
//   const stack = useStack();                  // in a test file: started before its tests, stopped and checked after
//   const ada = await stack.person('ada');     // registered and logged in

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { promisify } from 'node:util';
import { ACCOUNT, Cluster, Database, MALLOC, PREFIX, ROOT } from './cluster.ts';
import { Api, expectStatus } from './http.ts';
import { openLive, type Live, type Transport } from './live.ts';
import { Daemon, findReport } from './process.ts';
import { FLAVOUR, stage } from './stage.ts';
import { until } from './wait.ts';

const run = promisify(execFile);
export { FLAVOUR };
/** As built; what a stack runs may be a copy of it (stage.ts). */
export const BIN = join(ROOT, 'build', FLAVOUR, 'bin');
export const PROGRAMS = ['login', 'groups', 'history', 'admin'] as const;
export type Program = (typeof PROGRAMS)[number];

export interface StackOptions {
  /** Names of the relays; two by default, so that crossing relays is the normal case. */
  relays?: string[];
  /** Keys of parley.conf for all programs, over the test defaults. */
  config?: Record<string, string | number>;
  /** Where a relay finds the database, a libpq string, when not straight; and what is put before its command, looked at when it starts. */
  relayDatabase?: (relay: string, database: string) => string;
  relayPrefix?: Map<string, string[]>;
  /** Extra environment of all programs (PARLEY_TEST_… switches). */
  env?: Record<string, string>;
  /** A cluster of the file's own instead of the run's: for files that crash it. */
  cluster?: Cluster;
  /** The folder of web files that is served, instead of the one that was built. */
  www?: string;
  /** Leave the rates as shipped. By default they are off, so that tests may be quick. */
  rates?: boolean;
  /** Not shared with the other files of the folder: for files that kill parts of it or change it for good. */
  alone?: boolean;
}

/** Cheap on purpose; one test looks at the shipped defaults. */
const CONFIG: Record<string, string | number> = {
  allow_unsafe_database: 'yes', argon2_memory_kib: 8192, argon2_passes: 1, login_workers: 2, groups_workers: 2,
  history_workers: 2, admin_workers: 1, log_level: 'info',
};
const RATES_OFF = Object.fromEntries(
  ['login_rate_limit', 'login_ip_rate_limit', 'register_rate_limit', 'message_rate_limit', 'command_rate_limit'].map((key) => [key, 'off']));

export interface Person extends Api {
  id: string;
  login: string;
  password: string;
}

let files = 0;

export class Stack {
  readonly dir: string;
  readonly db: Database;
  readonly port: number;
  readonly relays: string[];
  #options: StackOptions;
  #daemons = new Map<string, Daemon>();
  #lives: Live[] = [];
  readonly #guests = new Set<() => Promise<void>>();
  #ownCluster: Cluster | undefined;
  #people = 0;

  private constructor(dir: string, db: Database, port: number, options: StackOptions, own?: Cluster) {
    this.dir = dir;
    this.db = db;
    this.port = port;
    this.#options = options;
    this.relays = options.relays ?? ['a', 'b'];
    this.#ownCluster = own;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }
  /** The address of one relay's live interface. */
  live(relay = this.relays[0]!): string {
    return `${this.url}/live/${relay}`;
  }

  static async start(options: StackOptions = {}): Promise<Stack> {
    const cluster = options.cluster ?? (await Cluster.shared());
    const own = options.cluster || process.env.PARLEY_TEST_CLUSTER ? undefined : cluster;
    const db = await cluster.database(`t_${process.pid}_${++files}_${randomBytes(3).toString('hex')}`);
    const dir = mkdtempSync(join(tmpdir(), 'parley-t-'));
    chmodSync(dir, 0o755);
    for (const part of ['run', 'run/nginx', 'log']) mkdirSync(join(dir, part), { mode: 0o755 });
    if (ACCOUNT) await run('chown', ['-R', ACCOUNT, dir]);
    const stack = new Stack(dir, db, await freePort(), options, own);
    try {
      await Promise.all([...PROGRAMS.map((program) => stack.startProgram(program)), ...stack.relays.map((relay) => stack.startRelay(relay))]);
      await stack.startWeb();
      await until('health', async () => (await new Api(stack.url).get('/api/health')).status === 200);
    } catch (error) {
      await stack.stop(false);
      throw error;
    }
    return stack;
  }

  /** The environment of a program, as an administrator would set it. */
  environment(): Record<string, string> {
    const config = { database: this.db.dsn, role_prefix: PREFIX, run_dir: join(this.dir, 'run'), listen: `127.0.0.1:${this.port}`,
      ...CONFIG, ...(this.#options.rates ? {} : RATES_OFF), ...this.#options.config };
    return { ...Object.fromEntries(Object.entries(config).map(([key, value]) => [`PARLEY_${key.toUpperCase()}`, String(value)])),
      LIBFCGI_OS_CLOSE_POLL_TIMEOUT: '100', ...MALLOC, ...this.#options.env };
  }

  #launch(name: string, command: string[], env: Record<string, string> = {}): Daemon {
    const daemon = new Daemon(name, command, { env: { ...this.environment(), ...env }, log: join(this.dir, 'log', `${name}.log`), user: ACCOUNT });
    this.#daemons.set(name, daemon);
    return daemon;
  }

  #program(name: string): string {
    return join(stage(), 'build', FLAVOUR, 'bin', name);
  }

  socket(name: string): string {
    return join(this.dir, 'run', `${name}.sock`);
  }

  async startProgram(program: Program): Promise<Daemon> {
    const daemon = this.#launch(program, [this.#program(`${program}.fcgi`), '--socket', this.socket(program)]);
    await daemon.ready('listens', () => accepts(this.socket(program)));
    return daemon;
  }

  async startRelay(name: string): Promise<Daemon> {
    const daemon = this.#launch(`relay-${name}`, [...(this.#options.relayPrefix?.get(name) ?? []), this.#program('relay'), '--name', name, '--socket', this.socket(`relay-${name}`)], {
      ...(this.#options.relayDatabase ? { PARLEY_DATABASE: this.#options.relayDatabase(name, this.db.name) } : {}),
    });
    await daemon.ready('listens', () => accepts(this.socket(`relay-${name}`)));
    return daemon;
  }

  async startWeb(): Promise<Daemon> {
    const conf = join(this.dir, 'nginx.conf');
    const { stdout } = await run(join(stage(), 'conf/nginx/render'), ['--listen', `127.0.0.1:${this.port}`, '--run', join(this.dir, 'run'),
      '--www', this.#options.www ?? join(stage(), 'build/www'), '--relays', this.relays.join(' '), '--access-log', join(this.dir, 'log/nginx-access.log'), '--workers', '1']);
    writeFileSync(conf, stdout);
    const daemon = this.#launch('web', ['nginx', '-e', join(this.dir, 'log/nginx-error.log'), '-c', conf, '-g', 'daemon off;']);
    await daemon.ready('listens', () => accepts(this.port));
    return daemon;
  }

  daemon(name: string): Daemon {
    const daemon = this.#daemons.get(name);
    if (!daemon) throw new Error(`no daemon ${name} here: ${[...this.#daemons.keys()].join(' ')}`);
    return daemon;
  }

  /** kill -9, and a start as the supervisor would do it. */
  async restartRelay(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    await this.daemon(`relay-${name}`).stop(signal);
    await this.startRelay(name);
  }

  api(token: string | null = null): Api {
    return new Api(this.url, token);
  }

  /** A new account, logged in with a bearer token. Its login is `name` and a number of its own. */
  async person(name = 'person', options: { display_name?: string; admin?: boolean } = {}): Promise<Person> {
    const login = `${name}.${++this.#people}`;
    const password = `a password for ${login}`;
    const api = new Api(this.url) as Person;
    const { account } = expectStatus(await api.post('/api/register', { login, password, display_name: options.display_name ?? name }), 201);
    if (options.admin) await this.db.query('UPDATE parley.account SET admin = true WHERE id = $1', [account.id]);
    api.token = expectStatus(await api.post('/api/login', { login, password, bearer: true }), 200).token;
    return Object.assign(api, { id: account.id, login, password });
  }

  /** The direct conversation of two people. */
  async direct(one: Person, other: Person): Promise<string> {
    return expectStatus(await one.post('/api/direct', { account: other.id }), 200).conversation.id;
  }

  /** A group of `owner` with members. */
  async group(owner: Person, members: Person[] = [], more: Record<string, unknown> = {}): Promise<string> {
    const answer = await owner.post('/api/groups', { title: 'A group', visibility: 'private', ref: crypto.randomUUID(), members: members.map((m) => m.id), ...more });
    return expectStatus(answer, 201).conversation.id;
  }

  /** A live session; closed after the test. It has said nothing yet. */
  open(transport: Transport, person: { token: string | null }, relay?: string): Live {
    const live = openLive(transport, this.live(relay), person.token);
    this.#lives.push(live);
    return live;
  }

  closeLives(): void {
    for (const live of this.#lives.splice(0)) live.close();
  }

  /** Ends what stands on this stack before it stops, also when that fails. */
  beforeStop(end: () => Promise<void>): void {
    this.#guests.add(end);
  }

  /** Throws what went wrong behind the tests' back. */
  check(): void {
    for (const daemon of this.#daemons.values()) daemon.check();
  }

  async stop(check = true): Promise<void> {
    this.closeLives();
    await Promise.all([...this.#guests].map((end) => end()));
    const failures = check ? [...this.#daemons.values()].map((d) => d.failure).filter(Boolean) : [];
    await Promise.all([...this.#daemons.values()].map((daemon) => daemon.stop()));
    for (const daemon of this.#daemons.values()) failures.push(findReport(daemon.log));
    await this.db.drop();
    await this.#ownCluster?.stop();
    const told = failures.filter(Boolean);
    if (!process.env.PARLEY_TEST_KEEP && (told.length === 0 || !check)) rmSync(this.dir, { recursive: true, force: true });
    if (check && told.length > 0) throw new Error(`${told.join('\n')}\nlogs are in ${this.dir}/log`);
  }
}

const used = new Map<string, Stack>();

/** A stack for the tests of one file, started before them and stopped after; files that run together share it (run.ts). */
export function useStack(options: StackOptions = {}): Stack {
  const key = JSON.stringify(options);
  const proxy = used.get(key) ?? stackOfTests(options);
  used.set(key, proxy);
  return proxy;
}

function stackOfTests(options: StackOptions): Stack {
  let stack: Stack | undefined;
  before(async () => {
    stack = await Stack.start(options);
  });
  afterEach(() => {
    stack?.closeLives();
    stack?.check();
  });
  after(async () => stack?.stop());
  return new Proxy({} as Stack, {
    get: (_, member) => {
      if (!stack) throw new Error('the stack is there only inside of tests');
      const value = Reflect.get(stack, member, stack) as unknown;
      return typeof value === 'function' ? value.bind(stack) : value;
    },
  });
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((done) => server.close(() => done()));
  return port;
}

/** Whether something accepts connections at a port of this machine or a unix socket. */
export function accepts(where: number | string): Promise<boolean> {
  return new Promise((done) => {
    const socket = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where);
    socket.once('connect', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
