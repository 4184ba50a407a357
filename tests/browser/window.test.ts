// SPDX-License-Identifier: Apache-2.0
//
// The watch that window.ts keeps is not blind: what must not happen in a window fails its test, with a picture.

import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Page } from 'playwright-core';
import { useStack } from '../lib/stack.ts';
import { until } from '../lib/wait.ts';
import { SHOTS, Windows } from './window.ts';

const stack = useStack({ relays: ['a'] });
const windows = new Windows(stack);
before(() => windows.start());
after(windows.stop);

/** What a test that did this in a window would fail with; '' if it would pass. */
async function failure(name: string, act: (page: Page) => Promise<unknown>): Promise<string> {
  const page = await windows.window({ path: '/login' });
  await page.getByLabel('Login name').waitFor();
  await act(page);
  return windows.finish(name).then(() => '', (error: Error) => error.message);
}

const planted: [name: string, plant: () => void, told: RegExp][] = [
  ['a page error', () => void setTimeout(() => { throw new Error('planted'); }), /^page error: Error: planted/],
  ['a promise that nobody catches', () => void Promise.reject(new Error('planted')), /^page error: Error: planted/],
  ['an inline script', () => {
    const script = document.createElement('script');
    script.append('planted = 1');
    document.body.append(script);
  }, /script.*(Content Security Policy|TrustedScript)/i],
  ['a request to another host', () => void fetch('http://127.0.0.2:9/planted').catch(() => {}), /127\.0\.0\.2:9\/planted.*Content Security Policy/],
  ['a picture from another host', () => void (new Image().src = 'http://127.0.0.2:9/planted.png'), /127\.0\.0\.2:9\/planted\.png.*Content Security Policy/],
];

for (const [name, plant, told] of planted) {
  test(`${name} fails the test, with a screenshot`, async () => {
    const shot = join(SHOTS, `${name.replaceAll(' ', '-')}-1.png`);
    rmSync(shot, { force: true });
    const text = await failure(name, async (page) => {
      await page.evaluate(plant);
      await until('told', () => windows.troubles > 0);
    });
    assert.match(text, told);
    assert.ok(existsSync(shot));
    rmSync(shot);
  });
}

test('a window in which nothing happens passes', async () => {
  assert.equal(await failure('nothing', (page) => page.reload()), '');
});
