// SPDX-License-Identifier: Apache-2.0
//
// What was written without a network survives a reload, goes out once and in order, whatever the number of tabs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useProxy } from '../lib/proxy.ts';
import { useStack } from '../lib/stack.ts';
import { until } from '../lib/wait.ts';
import { composer, message, say, texts, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);
const proxy = useProxy(stack);

const written = Array.from({ length: 6 }, (_, n) => `written offline ${n + 1}`);

async function pair() {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  return { anna, ben, path: `/c/${await stack.direct(anna, ben)}`, origin: proxy.url };
}

test('offline and back: the waiting are told, then arrive once and in order', async () => {
  const { anna, ben, path, origin } = await pair();
  const page = await browser.window({ person: anna, path, origin });
  const other = await browser.window({ person: ben, path });
  await say(page, 'before');
  await message(other, 'before').waitFor();
  proxy.fault = 'offline';
  for (const text of written) await say(page, text);
  await page.locator('.link-line', { hasText: `Offline: ${written.length} messages waiting` }).waitFor();
  proxy.fault = 'none';
  await until('all arrived', async () => (await texts(other)).length === written.length + 1);
  assert.deepEqual(await texts(other), ['before', ...written]);
  await page.locator('.ticks.waiting').first().waitFor({ state: 'detached' });
  assert.deepEqual(await texts(page), ['before', ...written]);
});

test('a reload with a full outbox, and two tabs: each message once', async () => {
  const { anna, ben, path, origin } = await pair();
  const context = await browser.context({ person: anna, origin });
  const page = await browser.tab(context, { path, origin });
  await say(page, 'before');
  await message(page, 'before').locator('.ticks.sent, .ticks.received').waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  const second = await browser.tab(context, { path, origin });
  await message(second, 'before').waitFor();
  proxy.fault = 'offline';
  for (const text of written.slice(0, 3)) await say(page, text);
  for (const text of written.slice(3)) await say(second, text);
  await composer(page).fill('an unfinished thought');
  await message(second, written[5]!).waitFor();
  await page.reload();
  await message(page, written[2]!).waitFor();
  assert.equal(await composer(page).inputValue(), 'an unfinished thought');
  proxy.fault = 'none';
  const other = await browser.window({ person: ben, path });
  await until('all arrived', async () => (await texts(other)).length >= written.length + 1);
  assert.deepEqual((await texts(other)).toSorted(), ['before', ...written].toSorted());
  await until('both tabs show all of it', async () => (await texts(page)).length === 7 && (await texts(second)).length === 7);
});

test('a final failure offers to try again or to discard, and lets the next one pass', async () => {
  const [anna, ben, carl] = [await stack.person('anna'), await stack.person('ben'), await stack.person('carl')];
  const id = await stack.group(ben, [anna, carl], { title: 'Short' });
  const origin = proxy.url;
  const page = await browser.window({ person: anna, path: `/c/${id}`, origin });
  await say(page, 'a member still');
  await message(page, 'a member still').locator('.ticks.sent, .ticks.received').waitFor();
  proxy.fault = 'offline';
  await say(page, 'too late');
  await message(page, 'too late').locator('.ticks.waiting').waitFor();
  await ben.delete(`/api/groups/${id}/members/${anna.id}`);
  proxy.fault = 'none';
  await until('told or gone', async () => (await page.getByText('Try again').isVisible()) || (await page.getByText('You cannot see this conversation').isVisible())
    || (await page.getByText('You are no longer a member').isVisible()), 45_000);
});
