// SPDX-License-Identifier: Apache-2.0
//
// Networks that break WebSockets: messages flow over HTTP within the promised seconds, and the link says so quietly.

import { test } from 'node:test';
import { useProxy, type Fault } from '../lib/proxy.ts';
import { useStack } from '../lib/stack.ts';
import { message, say, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);
const proxy = useProxy(stack);

/** Generous to a busy machine; the exact promises are measured on the library. */
const limits: [Fault, number][] = [['refuse', 15_000], ['ignore', 20_000], ['swallow', 20_000], ['swallow-down', 20_000]];

for (const [fault, limit] of limits) {
  test(`upgrades that meet "${fault}": two people talk over HTTP`, async () => {
    const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
    const path = `/c/${await stack.direct(anna, ben)}`;
    proxy.fault = fault;
    const page = await browser.window({ person: anna, path, origin: proxy.url });
    const other = await browser.window({ person: ben, path });
    await say(page, 'through a narrow door');
    await message(other, 'through a narrow door').waitFor({ timeout: limit });
    await say(other, 'and back');
    await message(page, 'and back').waitFor({ timeout: limit });
    await page.locator('.link-line', { hasText: 'Connected over HTTP' }).waitFor();
  });
}

test('a relay that is killed between a message and its answer: nothing lost, nothing twice', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const path = `/c/${await stack.direct(anna, ben)}`;
  const page = await browser.window({ person: anna, path });
  const other = await browser.window({ person: ben, path });
  await say(page, 'first');
  await message(other, 'first').waitFor();
  await say(page, 'second');
  await Promise.all(stack.relays.map((relay) => stack.restartRelay(relay)));
  await say(page, 'third');
  await message(other, 'third').waitFor({ timeout: 30_000 });
  await message(page, 'third').locator('.ticks.sent, .ticks.received, .ticks.read').waitFor({ timeout: 30_000 });
  for (const text of ['first', 'second', 'third']) {
    for (const window of [page, other]) {
      const count = await message(window, text).count();
      if (count !== 1) throw new Error(`${text}: ${count} times`);
    }
  }
});
