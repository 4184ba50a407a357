// SPDX-License-Identifier: Apache-2.0
//
// Two people, two windows: they register, find each other and talk.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useStack } from '../lib/stack.ts';
import { until } from '../lib/wait.ts';
import { bySeq, composer, message, say, texts, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);

test('a person registers, finds another and both talk', async () => {
  const ben = await stack.person('ben', { display_name: 'Ben Okafor' });
  const anna = await browser.window({ path: '/register' });
  await anna.getByLabel('Your name').fill('Anna Lindqvist');
  await anna.getByLabel('Login name').fill('anna');
  await anna.getByLabel('Password', { exact: true }).fill('correct horse battery');
  await anna.getByRole('button', { name: 'Create account' }).click();
  await anna.getByRole('button', { name: 'Message somebody' }).first().click();
  await anna.getByLabel('Name or login').fill('okafor');
  await anna.getByRole('button', { name: /Ben Okafor/ }).click();
  await anna.waitForURL(/\/c\/\d+$/);
  await say(anna, 'Hello **Ben**');
  await message(anna, 'Hello Ben').locator('.ticks.sent, .ticks.received, .ticks.read').waitFor();

  const other = await browser.window({ person: ben });
  await other.locator('a.conv', { hasText: 'Anna Lindqvist' }).click();
  await message(other, 'Hello Ben').waitFor();
  assert.equal(await message(other, 'Hello Ben').locator('strong').innerText(), 'Ben');
  await message(anna, 'Hello Ben').locator('.ticks.read').waitFor();

  await composer(other).pressSequentially('Hi');
  await anna.locator('.typing-line', { hasText: 'Ben Okafor is typing' }).waitFor();
  await composer(other).press('Enter');
  await message(anna, 'Hi').waitFor();
  assert.deepEqual(await texts(anna), ['Hello Ben', 'Hi']);
});

test('after a refusal the first wrong field has the focus, and what is wrong stands beside it', async () => {
  const page = await browser.window({ path: '/register' });
  const refused = async (name: string, words: RegExp) => {
    const field = page.locator(`[name=${name}][aria-invalid=true]:focus`);
    await field.waitFor();
    assert.match(await field.evaluate((input) => document.getElementById(input.getAttribute('aria-describedby')!)!.innerText), words);
  };
  await page.getByLabel('Your name').press('Enter');
  await refused('display_name', /1 to 80 characters/);
  await page.getByLabel('Your name').fill('Tilda');
  await page.getByRole('button', { name: 'Create account' }).click();
  await refused('login', /2 to 32/);
  await page.getByLabel('Login name').fill('tilda');
  await page.getByLabel('Login name').press('Enter');
  await refused('password', /at least 10/);
  await page.goto(`${stack.url}/login`);
  await page.getByRole('button', { name: 'Log in' }).click();
  await refused('login', /Type your login name/);
  await page.keyboard.type('nobody');
  await page.getByLabel('Password', { exact: true }).fill('something else');
  await page.keyboard.press('Enter');
  await refused('password', /is wrong/);
});

test('edit, react, reply and delete reach the other window', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const path = `/c/${await stack.direct(anna, ben)}`;
  const a = await browser.window({ person: anna, path });
  const b = await browser.window({ person: ben, path });
  await say(a, 'The first');
  await message(b, 'The first').waitFor();

  await composer(a).press('ArrowUp');
  await a.getByLabel('Edit message').fill('The first, edited');
  await a.getByLabel('Edit message').press('Enter');
  await message(b, 'The first, edited').locator('.edited').waitFor();

  await message(b, 'The first').hover();
  await b.getByRole('button', { name: 'React', exact: true }).click();
  await b.getByRole('menuitem', { name: 'React with 🎉' }).click();
  await message(a, 'The first').locator('.reaction', { hasText: '🎉' }).waitFor();

  await message(b, 'The first').hover();
  await b.getByRole('button', { name: 'Reply', exact: true }).click();
  await say(b, 'An answer');
  await message(a, 'An answer').locator('.quote', { hasText: 'The first, edited' }).waitFor();

  await bySeq(a, 1).hover();
  await a.locator('.toolbar').getByRole('button', { name: 'More actions' }).click();
  await a.getByRole('menuitem', { name: 'Delete' }).click();
  await a.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await b.locator('.message .deleted').first().waitFor();
  await message(b, 'An answer').locator('.quote .gone').waitFor();
});

test('history loads while scrolling both ways, and only what is near the screen is in the page', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.direct(anna, ben);
  for (let n = 1; n <= 400; n += 1) await ben.post('/api/messages', { ref: crypto.randomUUID(), conversation: id, body: `message ${n}` });
  await anna.post('/api/read', { conversation: id, seq: 400 });
  const page = await browser.window({ person: anna, path: `/c/${id}` });
  await bySeq(page, 400).waitFor();
  const rows = () => page.locator('[data-key]').count();
  await page.locator('.timeline').hover();
  let most = 0;
  await until('the beginning', async () => {
    await page.mouse.wheel(0, -4000);
    most = Math.max(most, await rows());
    return page.locator('.beginning').isVisible();
  });
  assert.ok(most <= 160);
  await bySeq(page, 1).waitFor();
  await page.locator('.to-end').click();
  await bySeq(page, 400).waitFor();
  assert.ok((await rows()) <= 160);

  await page.goto(`${stack.url}/c/${id}/200`);
  await bySeq(page, 200).waitFor();
  await page.locator('.timeline').hover();
  await until('the end', async () => {
    await page.mouse.wheel(0, 4000);
    return bySeq(page, 400).isVisible();
  });
});
