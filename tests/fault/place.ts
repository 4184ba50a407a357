// SPDX-License-Identifier: Apache-2.0
//
// Where a run takes place: a PostgreSQL cluster that writes through to the disk, a database on a small disk of its own where
// that can be had, pipes between the relays and the database, and the whole stack on it.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ACCOUNT, Cluster, TEMPLATE } from '../lib/cluster.ts';
import { Stack, type StackOptions } from '../lib/stack.ts';
import { Pipe } from './pipe.ts';

export const DURABLE = ['fsync=on', 'full_page_writes=on', 'synchronous_commit=on'];
const DISK_SIZE = '4g';

export class Place {
  readonly cluster: Cluster;
  readonly stack: Stack;
  /** By relay: what stands between it and the database. */
  readonly databasePipes: ReadonlyMap<string, Pipe>;
  /** What a relay's command begins with when it is started next. */
  readonly relayPrefix: Map<string, string[]>;
  /** The folder of the database's own disk; undefined where it cannot be mounted. */
  readonly disk: string | undefined;
  readonly #dir: string;

  private constructor(dir: string, cluster: Cluster, stack: Stack, pipes: Map<string, Pipe>, relayPrefix: Map<string, string[]>, disk: string | undefined) {
    this.#dir = dir;
    this.cluster = cluster;
    this.stack = stack;
    this.databasePipes = pipes;
    this.relayPrefix = relayPrefix;
    this.disk = disk;
  }

  static async start(options: StackOptions = {}): Promise<Place> {
    const dir = mkdtempSync(join(tmpdir(), 'parley-f-'));
    chmodSync(dir, 0o755);
    const cluster = await Cluster.start({ settings: DURABLE });
    const disk = await ownDisk(dir, cluster);
    const pipes = new Map<string, Pipe>();
    for (const relay of ['a', 'b']) {
      mkdirSync(join(dir, relay), { mode: 0o755 });
      pipes.set(relay, await Pipe.start(join(cluster.dir, '.s.PGSQL.5432'), join(dir, relay, '.s.PGSQL.5432')));
    }
    const relayPrefix = new Map<string, string[]>();
    const stack = await Stack.start({ cluster, relayPrefix, relayDatabase: (relay, database) => `host=${join(dir, relay)} dbname=${database}`, ...options });
    return new Place(dir, cluster, stack, pipes, relayPrefix, disk);
  }

  async stop(): Promise<void> {
    try {
      await this.stack.stop();
    } finally {
      await this.cluster.stop();
      for (const pipe of this.databasePipes.values()) await pipe.stop();
      if (this.disk) execFileSync('umount', [this.disk]);
      rmSync(this.#dir, { recursive: true, force: true });
    }
  }
}

/** A disk that can be filled without harm to others; what is made from the template lies on it. */
async function ownDisk(dir: string, cluster: Cluster): Promise<string | undefined> {
  if (!ACCOUNT) return undefined;
  const disk = join(dir, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_SIZE}`, 'tmpfs', disk], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  mkdirSync(join(disk, 'space'), { mode: 0o700 });
  execFileSync('chown', [`${ACCOUNT}:`, join(disk, 'space')]);
  await cluster.sql('postgres', `CREATE TABLESPACE small LOCATION '${join(disk, 'space')}'`);
  await cluster.sql('postgres', `ALTER DATABASE ${TEMPLATE} SET TABLESPACE small`);
  return disk;
}
