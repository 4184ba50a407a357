// SPDX-License-Identifier: Apache-2.0
//
// Where a clone may lie and who may start it: below root's home, at a long path, as an ordinary user without sudo.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { ROOT } from '../lib/cluster.ts';
import { FLAVOUR } from '../lib/stage.ts';
import { Instance } from './instance.ts';

const root = process.getuid?.() === 0;
const git = (...args: string[]): string[] => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).split('\0').filter((path) => path && existsSync(join(ROOT, path)));

/** A clone that is built: what git knows and what make looks at, times included. */
function cloneTo(dir: string): string {
  const built = [`build/${FLAVOUR}`, 'build/www', 'build/www.built', 'node_modules/.package-lock.json'];
  mkdirSync(dir, { recursive: true });
  execFileSync('cp', ['-a', '--parents', ...git('ls-files', '-z', '--cached', '--others', '--exclude-standard'), ...built, dir], { cwd: ROOT });
  return dir;
}

/** Starts the clone on its own var/, as whoever it is for, looks at it, and purges it. */
async function livesIn(clone: string, look: (instance: Instance) => void, user?: string): Promise<void> {
  const instance = await Instance.make({ root: clone, data: join(clone, 'var'), ...(user ? { user } : {}) });
  try {
    await instance.start();
    assert.ok(await instance.healthy());
    assert.doesNotMatch(instance.output, /building|installing/);
    look(instance);
    const { place } = instance;
    assert.equal(await instance.stop(), 0);
    const purged = await instance.run(['purge'], {}, 'var\n');
    assert.equal(purged.code, 0, purged.output);
    assert.ok(!existsSync(place));
  } finally {
    await instance.remove();
  }
}

const scratch = (parent = tmpdir()): string => mkdtempSync(join(parent, 'parley-s-'));

describe('a clone starts', { concurrency: true }, () => {
  test("below root's home, with its DATA where the accounts can reach it", { skip: !root }, async () => {
    const dir = scratch(homedir());
    try {
      await livesIn(cloneTo(join(dir, 'clone')), (instance) => {
        assert.match(instance.place, /^\/var\/lib\/parley\/clone-[0-9a-f]{8}$/);
        assert.ok(instance.output.includes(`(its accounts cannot reach ${dir}/clone/var)`));
      });
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('at a path of 150 characters, longer than a socket may have', async () => {
    const dir = scratch();
    chmodSync(dir, 0o755);
    const clone = join(dir, 'a folder'.padEnd(60, '-'), 'b'.repeat(150 - dir.length - 62));
    assert.equal(clone.length, 150);
    try {
      await livesIn(cloneTo(clone), (instance) => assert.equal(instance.place, join(clone, 'var')));
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test('as an ordinary user without sudo, whose everything is', { skip: !root }, async () => {
    const user = `parley-t${process.pid}`;
    const dir = scratch();
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', user]);
    try {
      const uid = Number(execFileSync('id', ['-u', user], { encoding: 'utf8' }));
      const clone = cloneTo(join(dir, 'clone'));
      execFileSync('chown', ['-R', `${user}:`, dir]);
      await livesIn(clone, (instance) => {
        for (const [name, pid] of instance.services()) assert.match(readFileSync(`/proc/${pid}/status`, 'utf8'), new RegExp(`^Uid:\\s+${uid}\\s`, 'm'), name);
      }, user);
      assert.deepEqual(readdirSync(tmpdir()).filter((name) => name.startsWith(`parley-${uid}-`)), [], basename(dir));
    } finally {
      execFileSync('userdel', [user]);
      rmSync(dir, { recursive: true });
    }
  });
});
