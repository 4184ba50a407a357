// SPDX-License-Identifier: Apache-2.0
//
// A phone: one column at a time, the system's back button, targets for a thumb, nothing wider than the screen.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useStack } from '../lib/stack.ts';
import { composer, message, PHONE, tell, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);

test('list, conversation, panel and back', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.group(anna, [ben], { title: 'On the road' });
  await tell(ben, id, `| a | b |\n|--|--|\n| ${'wide '.repeat(40)} | c |\n\n${'verylong'.repeat(60)}`);
  const page = await browser.window({ person: anna, context: PHONE });
  await page.locator('a.conv', { hasText: 'On the road' }).click();
  await message(page, 'verylong').waitFor();
  assert.ok(await page.locator('.side').isHidden());
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth && document.querySelector('.timeline')!.scrollWidth <= innerWidth));
  await composer(page).fill('hello');
  await page.getByRole('button', { name: 'Send' }).click();
  await message(page, 'hello').waitFor();
  await page.getByRole('button', { name: /^Members/ }).click();
  await page.getByRole('complementary', { name: 'Members' }).waitFor();
  await page.goBack();
  await message(page, 'hello').waitFor();
  await page.getByRole('button', { name: 'Back to the conversations' }).click();
  await page.locator('a.conv', { hasText: 'On the road' }).waitFor();
  const low = await page.evaluate(() => [...document.querySelectorAll('button, a')]
    .filter((one) => (one as HTMLElement).offsetParent && one.getBoundingClientRect().height < 44).map((one) => one.className || one.textContent));
  assert.deepEqual(low, []);
});

test('a long press opens the actions of a message', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.direct(anna, ben);
  await tell(ben, id, 'press me');
  const page = await browser.window({ person: anna, path: `/c/${id}`, context: PHONE });
  const box = (await message(page, 'press me').locator('.markdown').boundingBox())!;
  const touch = await page.context().newCDPSession(page);
  await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: box.x + 20, y: box.y + 8 }] });
  const sheet = page.getByRole('dialog', { name: 'Message actions' });
  await sheet.waitFor();
  await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await sheet.getByRole('menuitem', { name: 'React with 👍' }).click();
  await message(page, 'press me').locator('.reaction.mine').waitFor();
});

test('a swipe replies', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.direct(anna, ben);
  await tell(ben, id, 'shall we?');
  const page = await browser.window({ person: anna, path: `/c/${id}`, context: PHONE });
  const box = (await message(page, 'shall we?').locator('.markdown').boundingBox())!;
  const touch = await page.context().newCDPSession(page);
  const finger = (type: 'touchStart' | 'touchMove' | 'touchEnd', dx?: number) =>
    touch.send('Input.dispatchTouchEvent', { type, touchPoints: dx === undefined ? [] : [{ x: box.x + 10 + dx, y: box.y + 8 }] });
  await finger('touchStart', 0);
  for (const dx of [20, 40, 60, 80]) await finger('touchMove', dx);
  await message(page, 'shall we?').and(page.locator('.will-reply')).waitFor();
  await finger('touchEnd');
  await page.locator('.reply-chip', { hasText: 'shall we?' }).waitFor();
  await composer(page).fill('yes');
  await page.getByRole('button', { name: 'Send' }).click();
  await message(page, 'yes').locator('.quote', { hasText: 'shall we?' }).waitFor();
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('.message')!).translate), 'none');
});
