// SPDX-License-Identifier: Apache-2.0
//
// Where the daemons under test find their programs and files. As root the tests run them as another account; where that one
// cannot reach the clone (below a root-only home), they get a copy that it can, as `make run` does it.

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, asAccount } from './cluster.ts';

export const FLAVOUR = process.env.SANITIZE ? 'sanitize' : 'release';
const PARTS = [`build/${FLAVOUR}/bin`, 'build/www', 'conf/nginx'];

function reachable(): boolean {
  try {
    execFileSync(...asAccount(['test', '-r', join(ROOT, 'conf/nginx/render')]), { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A folder laid out like the clone, with what PARTS names in it. Made once a run: the runner hands it on to its files. */
export function stage(): string {
  const made = process.env.PARLEY_TEST_STAGE;
  if (made) return made;
  if (reachable()) return ROOT;
  const dir = mkdtempSync(join(tmpdir(), 'parley-stage-'));
  chmodSync(dir, 0o755);
  for (const part of PARTS) cpSync(join(ROOT, part), join(dir, part), { recursive: true });
  execFileSync('chmod', ['-R', 'a+rX', dir]);
  process.env.PARLEY_TEST_STAGE = dir;
  process.once('exit', () => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
