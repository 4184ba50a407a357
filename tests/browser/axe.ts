// SPDX-License-Identifier: Apache-2.0
//
// axe-core on a page as it stands: nothing serious may be found, in either theme. The themes differ in nothing but their
// colours, so the second is looked at with the rules of colours alone.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const COLOURS = ['color-contrast', 'link-in-text-block'];
const run = (rules?: string[]) => `axe.run(document, ${JSON.stringify({ resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}) })}).then((r) => JSON.stringify(r.violations
  .filter((v) => v.impact === "serious" || v.impact === "critical")
  .map((v) => [v.id, v.nodes.slice(0, 3).map((n) => n.html + " " + n.failureSummary)])))`;

/** Waits until what moves has come to rest; what moves for ever does not count. */
const atRest = (page: Page) => page.evaluate(() =>
  Promise.allSettled(document.getAnimations().filter((one) => one.effect?.getTiming().iterations !== Infinity).map((one) => one.finished)));

export async function check(page: Page, where: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setBypassCSP', { enabled: true });
  const { result: there } = await session.send('Runtime.evaluate', { expression: 'typeof axe' });
  if (there.value === 'undefined') await session.send('Runtime.evaluate', { expression: axe });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await atRest(page);
    const { result } = await session.send('Runtime.evaluate', { expression: run(colorScheme === 'dark' ? COLOURS : undefined), awaitPromise: true });
    assert.deepEqual(JSON.parse(result.value as string), [], `${where}, ${colorScheme}`);
  }
  await session.detach();
}
