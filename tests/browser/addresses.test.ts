// SPDX-License-Identifier: Apache-2.0
//
// Addresses: a pasted link works through the login screen, back and forward walk, nobody is led to another site.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { useStack } from '../lib/stack.ts';
import { bySeq, logIn, message, say, tell, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);

test('a link to a message leads there through the login', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.direct(anna, ben);
  for (const body of ['one', 'two', 'three']) await ben.post('/api/messages', { ref: crypto.randomUUID(), conversation: id, body });
  const page = await browser.window({ path: `/c/${id}/2` });
  await logIn(page, anna);
  await page.waitForURL(`${stack.url}/c/${id}/2`);
  await bySeq(page, 2).waitFor();
  await page.reload();
  await bySeq(page, 2).waitFor();
});

test('next leads to this site only', async () => {
  const anna = await stack.person('anna');
  for (const next of ['//evil.example/', 'https://evil.example/', '/\\evil.example']) {
    const page = await browser.window({ path: `/login?next=${encodeURIComponent(next)}` });
    await logIn(page, anna);
    await page.getByText('No conversations yet').waitFor();
    assert.equal(page.url(), `${stack.url}/`);
  }
});

test('panels and pages have addresses; back and forward walk through them', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.group(anna, [ben], { title: 'Walkers' });
  const page = await browser.window({ person: anna, path: `/c/${id}/members` });
  const members = page.getByRole('complementary', { name: 'Members' });
  await members.getByText('ben').first().waitFor();
  await members.getByRole('button', { name: 'Close' }).click();
  await page.waitForURL(`${stack.url}/c/${id}`);
  await page.getByRole('button', { name: 'Details' }).click();
  await page.waitForURL(`${stack.url}/c/${id}/details`);
  await page.goBack();
  await page.waitForURL(`${stack.url}/c/${id}`);
  await page.getByRole('complementary', { name: 'Details' }).waitFor({ state: 'detached' });
  await page.goForward();
  await page.getByRole('complementary', { name: 'Details' }).waitFor();
  await say(page, 'still here');
  await message(page, 'still here').waitFor();
});

test('back and forward lead through conversations, panels, links to a message and pasted addresses', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const [direct, group] = [await stack.direct(anna, ben), await stack.group(anna, [ben], { title: 'Walkers' })];
  for (let n = 1; n <= 80; n += 1) await tell(ben, direct, `step ${n}`);
  await anna.post('/api/read', { conversation: direct, seq: 80 });
  const page = await browser.window({ path: `/c/${group}/members` });
  await logIn(page, anna);
  const members = page.getByRole('complementary', { name: 'Members' });
  const walk: [path: string, there: Locator][] = [[`/c/${group}/members`, members], [`/c/${direct}`, bySeq(page, 80)], [`/c/${direct}/20`, bySeq(page, 20)],
    [`/c/${group}`, page.getByRole('heading', { level: 1, name: 'Walkers' })], [`/c/${group}/details`, page.getByRole('complementary', { name: 'Details' })]];
  const at = async ([path, there]: (typeof walk)[number]) => {
    await page.waitForURL(stack.url + path);
    await there.waitFor();
    assert.equal(await members.count(), path.endsWith('/members') ? 1 : 0);
  };
  await at(walk[0]!);
  await page.locator('a.conv', { hasText: 'ben' }).click();
  await at(walk[1]!);
  await page.goto(stack.url + walk[2]![0]); // as if pasted
  await at(walk[2]!);
  await page.locator('a.conv', { hasText: 'Walkers' }).click();
  await at(walk[3]!);
  await page.getByRole('button', { name: 'Details' }).click();
  await at(walk[4]!);
  for (const place of walk.slice(0, -1).toReversed()) {
    await page.goBack();
    await at(place);
  }
  for (const place of walk.slice(1)) {
    await page.goForward();
    await at(place);
  }
});

test('what is not there or not ours says so', async () => {
  const [anna, ben, eve] = [await stack.person('anna'), await stack.person('ben'), await stack.person('eve')];
  const id = await stack.direct(anna, ben);
  const page = await browser.window({ person: eve, path: `/c/${id}` });
  await page.getByText('You cannot see this conversation').waitFor();
  await page.goto(`${stack.url}/no/such/page`);
  await page.getByText('There is nothing at this address').waitFor();
});
