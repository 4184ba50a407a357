// SPDX-License-Identifier: Apache-2.0
//
// Sessions that end: a login over the kept screen, drafts kept for the same account and shown to no other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useStack } from '../lib/stack.ts';
import { composer, message, say, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);

test('a revoked session shows a login over the kept screen and goes on after it', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const path = `/c/${await stack.direct(anna, ben)}`;
  const page = await browser.window({ person: anna, path });
  await say(page, 'stays on the screen');
  await message(page, 'stays on the screen').locator('.ticks.sent, .ticks.received').waitFor();
  await composer(page).fill('half a sent');
  for (const session of (await anna.get('/api/sessions')).body.sessions) if (!session.current) await anna.delete(`/api/sessions/${session.id}`);
  const dialog = page.getByRole('dialog', { name: 'Log in to go on' });
  await dialog.waitFor();
  assert.ok(await message(page, 'stays on the screen').isVisible());
  await dialog.getByLabel('Password', { exact: true }).fill(anna.password);
  await dialog.getByRole('button', { name: 'Log in' }).click();
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await composer(page).inputValue(), 'half a sent');
  await composer(page).press('Enter');
  await message(page, 'half a sent').locator('.ticks.sent, .ticks.received').waitFor();
});

test('logging out asks before it discards a draft', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const page = await browser.window({ person: anna, path: `/c/${await stack.direct(anna, ben)}` });
  await composer(page).fill('a draft');
  await page.getByRole('button', { name: /Your account and status/ }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByRole('button', { name: /log out/i }).last().click();
  await page.getByRole('heading', { name: 'Log in to Parley' }).waitFor();
  await page.getByRole('button', { name: 'Forgot your password?' }).click();
  await page.getByText('Ask the administrator of this server').waitFor();
});

test('a name is changed, a device is logged out there', async () => {
  const anna = await stack.person('anna');
  const page = await browser.window({ person: anna, path: '/account' });
  await page.getByLabel('Name', { exact: true }).fill('Anna the Great');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: /^Anna the Great/ }).waitFor();
  await page.getByRole('button', { name: 'Log out there' }).click();
  await page.getByText('Logged out there').waitFor();
  assert.equal((await anna.get('/api/me')).status, 401);
});
