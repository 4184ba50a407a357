// SPDX-License-Identifier: Apache-2.0
//
// Everybody can use it: axe-core finds nothing serious on any screen, in either theme; and a plain-HTTP host name works.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { useStack } from '../lib/stack.ts';
import { check } from './axe.ts';
import { act, handedOver, logIn, message, say, tell, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);

/** Checks the dialog of this name, and closes it. */
async function dialog(page: Page, name: string): Promise<void> {
  await page.getByRole('dialog', { name }).waitFor();
  await check(page, name);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Goes to another address of the app without loading it anew. */
const go = (page: Page, path: string) => page.evaluate((to) => {
  history.pushState({}, '', to);
  dispatchEvent(new PopStateEvent('popstate'));
}, path);

test('axe finds nothing serious on any screen, in either theme', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.group(anna, [ben], { title: 'Everybody', visibility: 'public' });
  const direct = await stack.direct(anna, ben);
  await tell(ben, id, 'Text with **bold**, `code`, a [link](https://example.org/) and\n\n```js\nlet x = 1;\n```\n\n| a | b |\n|--|--:|\n| 1 | 2 |');
  await tell(ben, id, `@${anna.login} look`, { mentions: [anna.id] });
  await tell(ben, direct, 'unread');
  const login = await browser.window({ path: '/login' });
  await check(login, 'login');
  const page = await browser.window({ person: anna, path: `/c/${id}` });
  await message(page, 'look').waitFor();
  await say(page, 'own');
  await check(page, 'conversation');
  await message(page, 'look').hover();
  await page.getByRole('button', { name: 'More actions' }).click();
  await check(page, 'menu');
  await page.keyboard.press('Escape');
  await act(page, 'own', 'Edit');
  await check(page, 'edit');
  await page.keyboard.press('Escape');
  await act(page, 'own', 'Delete');
  await dialog(page, 'Delete this message?');
  await page.locator('.sender').first().click();
  await check(page, 'person card');
  const screens = {
    [`/c/${id}/members`]: 'Members', [`/c/${id}/details`]: 'Details', [`/c/${direct}`]: 'ben', '/account': 'Your account', '/groups': 'Find groups',
    '/groups/new': 'New group', '/new': 'Message somebody', '/no/such/page': 'There is nothing at this address',
  };
  for (const [path, heading] of Object.entries(screens)) {
    await go(page, path);
    await page.locator('h1, h2', { hasText: heading }).first().waitFor();
    await check(page, path);
  }
  await go(page, `/c/${id}/members`);
  await page.getByRole('button', { name: 'Add people' }).click();
  await dialog(page, 'Add people to Everybody');
  await page.getByRole('button', { name: 'Details' }).click();
  await page.getByRole('button', { name: 'Edit: Topic' }).click();
  await dialog(page, 'Topic');
  await page.getByRole('button', { name: 'Leave group' }).click();
  await dialog(page, 'Leave Everybody?');
  await page.getByRole('button', { name: /Your account and status/ }).click();
  await check(page, 'status menu');
  await page.getByRole('menuitem', { name: /Set a status text/ }).click();
  await dialog(page, 'Set your status');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Go to' }).waitFor();
  await check(page, 'quick switcher');
});

test('over plain HTTP at a host name that is no secure context', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.direct(anna, ben);
  const origin = `http://parley.test:${stack.port}`;
  const page = await browser.window({ origin, path: `/c/${id}` });
  assert.equal(await page.evaluate(() => isSecureContext), false);
  await logIn(page, anna);
  await page.waitForURL(`${origin}/c/${id}`);
  await say(page, 'no secrets');
  await handedOver(page, 'no secrets');
  await message(page, 'no secrets').hover();
  await page.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Copy text' }).click();
  await page.locator('.toast', { hasText: 'Copied' }).waitFor();
  await page.goto(`${origin}/account`);
  await page.getByText('Notices need a connection over HTTPS.').waitFor();
});
