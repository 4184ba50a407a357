// SPDX-License-Identifier: Apache-2.0
//
// The proof that sanitizers catch: a fault planted into a running daemon fails the check of its stack with the report's
// text, also where somebody restarts what died. Only sanitized builds can grow one.

import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Daemon } from '../../lib/process.ts';
import { FLAVOUR, Stack } from '../../lib/stack.ts';
import { until } from '../../lib/wait.ts';

const OVERFLOW: NodeJS.Signals = 'SIGUSR1';
const LEAK: NodeJS.Signals = 'SIGUSR2';

/** The daemon itself, or the first worker of one that has workers. */
const itself = (daemon: Daemon): number => daemon.pid;
const worker = (daemon: Daemon): number => Number(readFileSync(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8').split(' ')[0]);

async function planted(body: (stack: Stack) => Promise<void>): Promise<void> {
  const stack = await Stack.start({ env: { PARLEY_TEST_PLANT: '1' } });
  try {
    await body(stack);
  } finally {
    await stack.stop(false);
    rmSync(stack.dir, { recursive: true, force: true });
  }
}

/** What the stack's check complains of; empty when it is content. */
function complaint(stack: Stack): string {
  try {
    stack.check();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

const only = { skip: FLAVOUR !== 'sanitize' && 'the build has no sanitizers' };

describe('a planted fault', () => {
  for (const [name, who] of [['relay-a', itself], ['login', worker]] as const) {
    it(`an overflow in ${name} fails the stack's check`, only, async () => {
      await planted(async (stack) => {
        assert.equal(complaint(stack), '');
        process.kill(who(stack.daemon(name)), OVERFLOW);
        const text = await until('a complaint with the report', () => /planted_overflow/.test(complaint(stack)) && complaint(stack));
        assert.match(text, /AddressSanitizer: heap-buffer-overflow[^]*WRITE of size 1[^]*planted_overflow/);
        assert.match(text, new RegExp(name));
      });
    });

    it(`a leak in ${name} fails the stack's end`, only, async () => {
      await planted(async (stack) => {
        process.kill(who(stack.daemon(name)), LEAK);
        assert.equal(complaint(stack), '', 'a leak shows at the end only');
        await assert.rejects(stack.stop(), /LeakSanitizer: detected memory leaks[^]*planted_leak/);
      });
    });
  }

  it('an end that nobody asked for fails the stack\'s check', only, async () => {
    await planted(async (stack) => {
      stack.daemon('relay-b').signal('SIGKILL');
      assert.match(await until('a complaint', () => complaint(stack)), /relay-b ended by itself \(SIGKILL\)/);
    });
  });
});
