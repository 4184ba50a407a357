// SPDX-License-Identifier: Apache-2.0
//
// What was written without a network survives a reload, goes out once and in order, whatever the number of tabs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectStatus } from '../lib/http.ts';
import { useProxy } from '../lib/proxy.ts';
import { useStack } from '../lib/stack.ts';
import { until } from '../lib/wait.ts';
import { composer, handedOver, holds, message, say, texts, useBrowser } from './window.ts';

/** Low limits, so that a message can be refused for good, or for the moment. */
const LONGEST = 100;
const stack = useStack({ config: { message_max_chars: LONGEST, message_rate_limit: '10/3' } });
const browser = useBrowser(stack);
const proxy = useProxy(stack);

const written = Array.from({ length: 6 }, (_, n) => `written offline ${n + 1}`);

async function pair() {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.direct(anna, ben);
  return { anna, ben, id, path: `/c/${id}`, origin: proxy.url };
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

test('two tabs with a full outbox, one reloaded, one closed: each message once, in order', async () => {
  const { anna, ben, path, origin } = await pair();
  const context = await browser.context({ person: anna, origin });
  const page = await browser.tab(context, { path, origin });
  await say(page, 'before');
  await handedOver(page, 'before');
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  const second = await browser.tab(context, { path, origin });
  await message(second, 'before').waitFor();
  proxy.fault = 'offline';
  for (const text of written.slice(0, 3)) await say(page, text);
  await message(second, written[2]!).waitFor();
  for (const text of written.slice(3)) await say(second, text);
  await composer(page).fill('an unfinished thought');
  await message(page, written[5]!).waitFor();
  await page.reload();
  await message(page, written[5]!).waitFor();
  await holds(composer(page), 'an unfinished thought');
  const third = await browser.tab(context, { origin });
  await third.locator('.link-line', { hasText: `Offline: ${written.length} messages waiting` }).waitFor();
  await second.close();
  proxy.fault = 'none';
  const other = await browser.window({ person: ben, path });
  await until('all arrived', async () => (await texts(other)).length >= written.length + 1, 30_000);
  await until('settled', async () => (await page.locator('.ticks.waiting').count()) === 0);
  for (const window of [page, other]) assert.deepEqual(await texts(window), ['before', ...written]);
});

test('a relay that is killed between the commit and its answer: the message is there once', async () => {
  const { anna, ben, path, origin } = await pair();
  const page = await browser.window({ person: anna, path, origin });
  const other = await browser.window({ person: ben, path });
  await say(page, 'first');
  await message(other, 'first').waitFor();
  await message(page, 'first').locator('.ticks.received, .ticks.read').waitFor();
  proxy.fault = 'swallow-down';
  await say(page, 'second');
  await message(other, 'second').waitFor(); // committed, and no answer has come
  await message(page, 'second').locator('.ticks.waiting').waitFor();
  await Promise.all(stack.relays.map((relay) => stack.restartRelay(relay)));
  proxy.fault = 'none';
  await say(page, 'third');
  await message(other, 'third').waitFor({ timeout: 30_000 });
  await handedOver(page, 'third');
  for (const window of [page, other]) assert.deepEqual(await texts(window), ['first', 'second', 'third']);
});

test('refused for the moment: it waits, and so does what was written after it', async () => {
  const { anna, ben, path } = await pair();
  const page = await browser.window({ person: anna, path });
  const other = await browser.window({ person: ben, path });
  const quick = Array.from({ length: 15 }, (_, n) => `quick ${n + 1}`);
  for (const text of quick) await say(page, text);
  await until('all arrived', async () => (await texts(other)).length >= quick.length);
  assert.deepEqual(await texts(other), quick);
});

test('refused for good: it says why, stays over a reload, lets the next one pass, and can be discarded', async () => {
  const { anna, ben, path, origin } = await pair();
  const page = await browser.window({ person: anna, path, origin });
  const other = await browser.window({ person: ben, path });
  await composer(page).waitFor();
  proxy.fault = 'offline';
  await say(page, `too long ${'x'.repeat(LONGEST)}`);
  await say(page, 'short');
  proxy.fault = 'none';
  await message(other, 'short').waitFor({ timeout: 30_000 });
  await handedOver(page, 'short');
  const refused = message(page, 'too long');
  await refused.getByText(/^Not sent: /).waitFor();
  await refused.getByRole('button', { name: 'Try again' }).click();
  await refused.getByText(/^Not sent: /).waitFor();
  await page.reload();
  await refused.getByText(/^Not sent: /).waitFor();
  assert.deepEqual(await texts(other), ['short']);
  await page.getByRole('button', { name: /Your account and status/ }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByText('1 message was not sent. Logging out discards it.').waitFor();
  await page.keyboard.press('Escape');
  await refused.getByRole('button', { name: 'Discard' }).click();
  await refused.waitFor({ state: 'detached' });
  await page.reload();
  await message(page, 'short').waitFor();
  assert.equal(await refused.count(), 0);
});

test('removed meanwhile: what was written stays, with its failure; added again, it can be tried again', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.group(ben, [anna], { title: 'Short' });
  const page = await browser.window({ person: anna, path: `/c/${id}`, origin: proxy.url });
  await say(page, 'a member still');
  await handedOver(page, 'a member still');
  proxy.fault = 'offline';
  await say(page, 'too late');
  await message(page, 'too late').locator('.ticks.waiting').waitFor();
  expectStatus(await ben.delete(`/api/groups/${id}/members/${anna.id}`), 204);
  proxy.fault = 'none';
  await page.getByText('You are no longer a member of this conversation.').waitFor({ timeout: 30_000 });
  const refused = message(page, 'too late');
  await refused.getByText('Not sent: You are not a member of this conversation').waitFor();
  expectStatus(await ben.post(`/api/groups/${id}/members`, { accounts: [anna.id] }), 204);
  await say(page, 'back again');
  await handedOver(page, 'back again');
  await refused.getByRole('button', { name: 'Try again' }).click();
  await handedOver(page, 'too late');
  const { messages } = (await ben.get(`/api/history/${id}`)).body;
  assert.deepEqual(messages.filter((one: { kind: string }) => one.kind === 'text').map((one: { body: string }) => one.body), ['a member still', 'back again', 'too late']);
});
