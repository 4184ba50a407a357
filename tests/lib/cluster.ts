// SPDX-License-Identifier: Apache-2.0
//
// The PostgreSQL cluster of a test run: real, private, on a unix socket, made with the flags of `make run`. It has a
// template database with the whole schema, from which each test file clones its own.
//
// The runner (run.ts) starts one for all files and names it in PARLEY_TEST_CLUSTER; a file run alone starts its own.

import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { Daemon } from './process.ts';
import { until } from './wait.ts';

const run = promisify(execFile);
export const ROOT = resolve(import.meta.dirname, '../..');
export const PREFIX = 'parley_';
export const TEMPLATE = 'parley_template';

/** The account PostgreSQL and the programs run as when the tests run as root; PostgreSQL refuses to be root. */
export const ACCOUNT = process.getuid?.() === 0 ? 'postgres' : undefined;

/** As in write_environment of conf/run.d/services.sh. */
export const MALLOC = { MALLOC_TRIM_THRESHOLD_: '8388608', MALLOC_MMAP_THRESHOLD_: '1048576' };

export interface ClusterOptions {
  /** Extra lines of postgresql.conf, e.g. ['fsync=on']. */
  settings?: string[];
}

export class Cluster {
  readonly dir: string;
  #daemon: Daemon | undefined;

  private constructor(dir: string, daemon?: Daemon) {
    this.dir = dir;
    this.#daemon = daemon;
  }

  /** The run's cluster, or a new one when there is none. */
  static async shared(): Promise<Cluster> {
    const dir = process.env.PARLEY_TEST_CLUSTER;
    return dir ? new Cluster(dir) : Cluster.start();
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const dir = mkdtempSync(join(tmpdir(), 'parley-pg-'));
    chmodSync(dir, 0o755);
    const data = join(dir, 'data');
    mkdirSync(data, { mode: 0o700 });
    if (ACCOUNT) await run('chown', ['-R', ACCOUNT, dir]);
    await run(...asAccount([pgBin('initdb'), '-D', data, '--encoding=UTF8', '--locale=C.UTF-8', '--data-checksums',
      '--no-sync', '-U', 'postgres', '-A', 'trust']));
    const cluster = new Cluster(dir);
    cluster.#daemon = cluster.#launch(options);
    await cluster.#answers();
    await cluster.#makeTemplate();
    return cluster;
  }

  #launch(options: ClusterOptions = {}): Daemon {
    const settings = ['listen_addresses=', `unix_socket_directories=${this.dir}`, 'max_connections=400', 'shared_buffers=128MB', 'shared_preload_libraries=plpgsql', 'jit=off',
      ...(options.settings ?? ['fsync=off', 'full_page_writes=off'])];
    return new Daemon('postgres', [pgBin('postgres'), '-D', join(this.dir, 'data'),
      ...settings.flatMap((setting) => ['-c', setting])], { log: join(this.dir, 'postgres.log'), user: ACCOUNT, env: MALLOC });
  }

  async #answers(): Promise<void> {
    await this.#daemon!.ready('answers', async () => {
      await this.sql('postgres', 'SELECT 1');
      return true;
    });
  }

  /** kill -9 of the postmaster, and a start after it (crash recovery). */
  async crash(options: ClusterOptions = {}): Promise<void> {
    await this.#daemon!.stop('SIGKILL');
    await until('the backends it left are gone', () => !usedAsFolder(join(this.dir, 'data')));
    this.#daemon = this.#launch(options);
    await this.#answers();
  }

  get postmaster(): Daemon {
    return this.#daemon!;
  }

  async #makeTemplate(): Promise<void> {
    await this.sql('postgres', `CREATE DATABASE ${TEMPLATE}`);
    await this.migrate(TEMPLATE);
  }

  /** Migrations and functions into a database, as an upgrade does it. */
  async migrate(database: string): Promise<void> {
    await run(join(ROOT, 'migrations/apply.sh'), ['--dsn', this.dsn(database, 'postgres'), '--prefix', PREFIX], { cwd: ROOT });
  }

  /** A new database made from the template; the name is its own. */
  async database(name: string): Promise<Database> {
    // Two clones of one template may not run at once: the second waits its turn.
    await until(`database ${name}`, async () => {
      await this.sql('postgres', `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY wal_log`);
      return true;
    });
    return new Database(this, name);
  }

  /** A libpq connection string. Without `user` the programs add their own. */
  dsn(database: string, user?: string): string {
    return `host=${this.dir} dbname=${database}${user ? ` user=${user}` : ''}`;
  }

  async sql<T = Record<string, unknown>>(database: string, text: string, values: unknown[] = [], user = 'postgres'): Promise<T[]> {
    const client = new pg.Client({ host: this.dir, database, user });
    await client.connect();
    try {
      return (await client.query(text, values)).rows as T[];
    } finally {
      await client.end();
    }
  }

  async stop(): Promise<void> {
    if (!this.#daemon) return; // the runner's
    await this.#daemon.stop('SIGINT');
    rmSync(this.dir, { recursive: true, force: true });
  }
}

export class Database {
  readonly cluster: Cluster;
  readonly name: string;

  constructor(cluster: Cluster, name: string) {
    this.cluster = cluster;
    this.name = name;
  }

  get dsn(): string {
    return this.cluster.dsn(this.name);
  }

  /** Runs SQL as the superuser, or as `user`. */
  query<T = Record<string, unknown>>(text: string, values: unknown[] = [], user?: string): Promise<T[]> {
    return this.cluster.sql<T>(this.name, text, values, user);
  }

  async drop(): Promise<void> {
    await this.cluster.sql('postgres', `DROP DATABASE IF EXISTS ${this.name} WITH (FORCE)`);
  }
}

/** Whether any process has `dir` as its working folder, as all of PostgreSQL's have its data folder. */
function usedAsFolder(dir: string): boolean {
  return readdirSync('/proc').some((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`) === dir;
    } catch {
      return false; // gone meanwhile
    }
  });
}

/** Argv for execFile that runs `command` as the unprivileged account. */
export function asAccount(command: string[]): [string, string[]] {
  const argv = ACCOUNT ? ['setpriv', `--reuid=${ACCOUNT}`, `--regid=${ACCOUNT}`, '--clear-groups', ...command] : command;
  return [argv[0]!, argv.slice(1)];
}

/** A PostgreSQL program: Debian keeps them out of PATH. The newest version installed is taken. */
export function pgBin(name: string): string {
  const base = '/usr/lib/postgresql';
  const versions = existsSync(base) ? readdirSync(base).map(Number).filter((v) => v >= 15).sort((a, b) => b - a) : [];
  for (const version of versions) {
    const path = `${base}/${version}/bin/${name}`;
    if (existsSync(path)) return path;
  }
  return name;
}
