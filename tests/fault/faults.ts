// SPDX-License-Identifier: Apache-2.0
//
// What can break. A row is a fault: its name, what it touches, how long it lasts, and how it begins; what `begin` returns
// heals it. The injector (injector.ts) draws from this table; a new fault is a new row.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { asAccount, pgBin } from '../lib/cluster.ts';
import { FLAVOUR, PROGRAMS } from '../lib/stack.ts';
import { pause, until } from '../lib/wait.ts';
import type { Device } from './device.ts';
import type { Ill } from './pipe.ts';
import { DURABLE, type Place } from './place.ts';
import type { Random } from './random.ts';
import type { Workload } from './workload.ts';

export interface Scene {
  place: Place;
  workload: Workload;
  random: Random;
  /** The relay and the device that this fault may strike. */
  relay: string;
  device: Device;
}

export interface Fault {
  name: string;
  /** Whose service may suffer: everybody's, one relay's, one device's. Faults that touch one thing do not overlap. */
  touches: 'all' | 'relay' | 'device';
  /** Milliseconds between beginning and healing. */
  lasts: [least: number, most: number];
  /** How often it is drawn, beside the others (1). */
  weight?: number;
  /** Why it cannot be had here; undefined where it can. */
  lacks?: (place: Place) => string | undefined;
  begin: (scene: Scene) => Promise<() => Promise<void> | void>;
}

const healed = (): void => {};
const FAKETIME = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1'].find(existsSync);

/** The processes that a process has started. */
const children = (pid: number): number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

const backends = (place: Place): Promise<{ pid: number }[]> =>
  place.stack.db.query<{ pid: number }>(`SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`);

/** The relay's line to the database is ill for a while. */
const databaseLine = (ill: Ill) => async ({ place, relay, random }: Scene): Promise<() => void> => {
  const pipe = place.databasePipes.get(relay)!;
  pipe.delayMs = random.int(20, 300);
  pipe.ill = ill;
  return () => void (pipe.ill = 'well');
};
/** A device's line to the web server is ill for a while. */
const deviceLine = (ill: Ill) => async ({ device, random }: Scene): Promise<() => void> => {
  device.pipe.delayMs = random.int(100, 1500);
  device.pipe.ill = ill;
  return () => void (device.pipe.ill = 'well');
};

/** Limits a relay for a while by what prlimit knows; should it end of it, it is started again, as a supervisor does. */
const limited = (limit: (pid: number) => string) => async ({ place: { stack }, relay }: Scene): Promise<() => Promise<void>> => {
  const daemon = stack.daemon(`relay-${relay}`);
  daemon.doom();
  const option = limit(daemon.pid);
  const kind = option.split('=')[0]!;
  // As the relay's own account: in a container root may not.
  const prlimit = (...args: string[]): string => execFileSync(...asAccount(['prlimit', '--pid', String(daemon.pid), ...args]), { encoding: 'utf8' }).trim();
  const before = prlimit(kind, '--noheadings', '-o', 'SOFT', '--raw');
  prlimit(`${option}:`);
  return async () => {
    if (daemon.alive) prlimit(`${kind}=${before}:`);
    else await stack.startRelay(relay);
  };
};
const openFiles = (pid: number): number => readdirSync(`/proc/${pid}/fd`).length;
const addressSpace = (pid: number): number => Number(/VmSize:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024;

export const FAULTS: Fault[] = [
  { name: 'kill a relay', touches: 'relay', lasts: [0, 4000], weight: 2, begin: async ({ place: { stack }, relay }) => {
    await stack.daemon(`relay-${relay}`).stop('SIGKILL');
    return async () => void (await stack.startRelay(relay));
  } },
  { name: 'freeze a relay past its lease', touches: 'relay', lasts: [11_000, 14_000], begin: async ({ place: { stack }, relay }) => {
    const daemon = stack.daemon(`relay-${relay}`);
    daemon.signal('SIGSTOP');
    return () => daemon.signal('SIGCONT');
  } },
  { name: 'freeze a relay for a moment', touches: 'relay', lasts: [500, 6000], begin: async ({ place: { stack }, relay }) => {
    const daemon = stack.daemon(`relay-${relay}`);
    daemon.signal('SIGSTOP');
    return () => daemon.signal('SIGCONT');
  } },
  { name: 'cut relay and database', touches: 'relay', lasts: [0, 3000], begin: databaseLine('refuse') },
  { name: 'delay relay and database', touches: 'relay', lasts: [1000, 6000], begin: databaseLine('slow') },
  { name: 'black hole between relay and database', touches: 'relay', lasts: [2000, 13_000], begin: databaseLine('hole') },
  { name: 'drop notifications', touches: 'relay', lasts: [2000, 8000], weight: 2, begin: databaseLine('deaf') },
  { name: 'a relay out of descriptors', touches: 'relay', lasts: [1000, 5000], begin: limited((pid) => `--nofile=${openFiles(pid)}`) },
  { name: 'a relay out of memory', touches: 'relay', lasts: [1000, 4000], lacks: () => (FLAVOUR === 'sanitize' ? 'sanitizers reserve address space' : undefined), begin: limited((pid) => `--as=${addressSpace(pid)}`) },
  { name: 'move a relay\'s clock', touches: 'relay', lasts: [2000, 5000], lacks: () => (FLAVOUR === 'sanitize' ? 'libfaketime and sanitizers exclude each other' : FAKETIME ? undefined : 'needs libfaketime'), begin: async ({ place: { stack, relayPrefix }, relay, random }) => {
    const file = join(stack.dir, 'run', `clock-${relay}`);
    writeFileSync(file, '+0s');
    relayPrefix.set(relay, ['env', `LD_PRELOAD=${FAKETIME}`, `FAKETIME_TIMESTAMP_FILE=${file}`, 'FAKETIME_NO_CACHE=1', 'FAKETIME_DONT_FAKE_MONOTONIC=1', 'DONT_FAKE_MONOTONIC=1']);
    await stack.restartRelay(relay);
    await pause(1000);
    writeFileSync(file, random.pick(['+3600s', '-3600s', '+86400s', '-86400s']));
    return async () => {
      relayPrefix.delete(relay);
      await stack.restartRelay(relay);
    };
  } },
  { name: 'kill a FastCGI worker', touches: 'all', lasts: [0, 0], weight: 2, begin: async ({ place: { stack }, random }) => {
    const workers = children(stack.daemon(random.pick(PROGRAMS)).pid);
    if (workers.length > 0) process.kill(random.pick(workers), 'SIGKILL');
    return healed;
  } },
  { name: 'kill the web server', touches: 'all', lasts: [0, 2000], begin: async ({ place: { stack } }) => {
    const web = stack.daemon('web');
    const workers = children(web.pid);
    await web.stop('SIGKILL');
    for (const worker of workers) process.kill(worker, 'SIGKILL');
    return async () => void (await stack.startWeb());
  } },
  { name: 'kill a worker of the web server', touches: 'all', lasts: [0, 0], begin: async ({ place: { stack } }) => {
    for (const worker of children(stack.daemon('web').pid)) process.kill(worker, 'SIGKILL');
    return healed;
  } },
  { name: 'kill PostgreSQL', touches: 'all', lasts: [0, 0], begin: async ({ place: { cluster } }) => {
    await cluster.crash({ settings: DURABLE });
    return healed;
  } },
  { name: 'kill a backend', touches: 'all', lasts: [0, 0], begin: async ({ place, random }) => {
    const all = await backends(place);
    if (all.length > 0) process.kill(random.pick(all).pid, 'SIGKILL');
    return () => until('PostgreSQL has recovered', async () => (await place.stack.db.query('SELECT 1')).length > 0).then(healed);
  } },
  { name: 'terminate backends', touches: 'all', lasts: [0, 0], weight: 2, begin: async ({ place, random }) => {
    const some = (await backends(place)).filter(() => random.chance(0.5)).map(({ pid }) => pid);
    await place.stack.db.query('SELECT pg_terminate_backend(pid) FROM unnest($1::int[]) pid', [some]);
    return healed;
  } },
  { name: 'fill the database\'s disk', touches: 'all', lasts: [1000, 4000], lacks: ({ disk }) => (disk ? undefined : 'needs root and a mount'), begin: async ({ place: { disk } }) => {
    const filler = join(disk!, 'filler');
    const { bavail, bsize } = statfsSync(disk!);
    execFileSync('fallocate', ['-l', String(bavail * bsize), filler]);
    return () => rmSync(filler);
  } },
  { name: 'restart everything in turn', touches: 'all', lasts: [0, 0], begin: async ({ place: { stack } }) => {
    for (const relay of stack.relays) await stack.restartRelay(relay, 'SIGTERM');
    for (const program of PROGRAMS) {
      await stack.daemon(program).stop();
      await stack.startProgram(program);
    }
    stack.daemon('web').signal('SIGHUP');
    return healed;
  } },
  { name: 'restore an older backup', touches: 'all', lasts: [0, 0], weight: 0.5, begin: restore },
  { name: 'reset a device', touches: 'device', lasts: [0, 2000], weight: 2, begin: deviceLine('refuse') },
  { name: 'a device half open', touches: 'device', lasts: [2000, 9000], weight: 2, begin: deviceLine('hole') },
  { name: 'a device a few bytes at a time', touches: 'device', lasts: [2000, 8000], begin: deviceLine('trickle') },
  { name: 'a device far away', touches: 'device', lasts: [2000, 8000], begin: deviceLine('slow') },
  { name: 'a proxy that buffers', touches: 'device', lasts: [5000, 35_000], begin: deviceLine('buffer') },
];

/** pg_dump, a while later the dump in the place of the database, under live clients. The old rows are noted before. */
async function restore({ place: { cluster, stack }, workload, random }: Scene): Promise<() => void> {
  const { history } = workload;
  const { name } = stack.db;
  const file = join(cluster.dir, `${name}.dump`);
  const pg = (tool: string, database: string, ...args: string[]): void =>
    void execFileSync(...asAccount([pgBin(tool), '-h', cluster.dir, '-U', 'postgres', '-d', database, ...args]));
  history.add({ is: 'dump' });
  pg('pg_dump', name, '-Fc', '-f', file);
  await pause(random.int(500, 2000));
  const [{ space }] = await cluster.sql<{ space: string }>('postgres', 'SELECT spcname AS space FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace WHERE datname = $1', [name]) as [{ space: string }];
  await cluster.sql('postgres', `CREATE DATABASE ${name}_new TEMPLATE template0 TABLESPACE ${space}`);
  pg('pg_restore', `${name}_new`, '--single-transaction', file);
  workload.paused = true;
  history.beginRestore();
  await cluster.sql('postgres', `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
  await until('the old one is away', async () => {
    await cluster.sql('postgres', 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    await cluster.sql('postgres', `ALTER DATABASE ${name} RENAME TO ${name}_old`);
    return true;
  });
  await cluster.sql('postgres', `ALTER DATABASE ${name}_old ALLOW_CONNECTIONS true`);
  await workload.noteRows(`${name}_old`);
  await workload.noteMembers(`${name}_new`, history.era + 1);
  await cluster.sql('postgres', `ALTER DATABASE ${name}_new RENAME TO ${name}`);
  history.endRestore();
  await workload.noteEpoch();
  workload.paused = false;
  await cluster.sql('postgres', `DROP DATABASE ${name}_old WITH (FORCE)`);
  rmSync(file);
  return healed;
}
