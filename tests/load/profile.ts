// SPDX-License-Identifier: Apache-2.0
//
// `make profile`: where the relays and PostgreSQL spend their CPU in a scenario of the bench, by perf's samples of the
// stacks' tops, and which database functions take the time, by track_functions.

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/cluster.ts';
import type { Database } from '../lib/cluster.ts';

const HOTTEST = 25;
/** Samples a second: a prime, so as not to beat with timers. */
const FREQUENCY = 997;

const children = (pid: number): number[] => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);

interface Sampled {
  name: string;
  data: string;
  perf: ChildProcess;
}

/** Watches from `start` to `stop`; `print` tells. */
export class Profile {
  #sampled: Sampled[] = [];

  start(relays: number[], postmaster: number): void {
    this.#sampled = [['relay', relays] as const, ['postgres', children(postmaster)] as const].map(([name, pids]) => {
      const data = join(ROOT, `build/profile-${name}.data`);
      const perf = spawn('perf', ['record', '-q', '-e', 'cpu-clock', '-F', String(FREQUENCY), '-o', data, '-p', pids.join(',')], { stdio: ['ignore', 'ignore', 'inherit'] });
      return { name, data, perf };
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sampled.map(async ({ perf }) => {
      const ended = once(perf, 'close');
      perf.kill('SIGINT');
      await ended;
    }));
  }

  async print(scenario: string, db: Database): Promise<void> {
    for (const { name, data } of this.#sampled) {
      console.log(`\n${scenario}: ${name}, the ${HOTTEST} hottest places (${data})`);
      const report = spawn('perf', ['report', '-i', data, '--stdio', '--no-children', '--percent-limit', '0.5', '--fields', 'overhead,dso,symbol'], { stdio: ['ignore', 'pipe', 'ignore'] });
      let text = '';
      for await (const chunk of report.stdout!) text += String(chunk);
      console.log(text.split('\n').filter((line) => /^ +\d/.test(line)).slice(0, HOTTEST).join('\n'));
    }
    const functions = await db.query<{ name: string; calls: string; total: number; self: number }>(
      `SELECT schemaname || '.' || funcname AS name, calls, total_time AS total, self_time AS self FROM pg_stat_user_functions ORDER BY self_time DESC LIMIT $1`, [HOTTEST]);
    console.log(`\n${scenario}: functions of the database, ms a call with and without what they call`);
    for (const { name, calls, total, self } of functions) {
      console.log(`  ${(total / Number(calls)).toFixed(3).padStart(9)} ${(self / Number(calls)).toFixed(3).padStart(9)}  ${calls.padStart(9)} × ${name}`);
    }
  }
}
