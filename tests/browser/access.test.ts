// SPDX-License-Identifier: Apache-2.0
//
// Everybody can use it: axe-core finds nothing serious on any screen, in either theme; and a plain-HTTP host name works.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useStack } from '../lib/stack.ts';
import { check } from './axe.ts';
import { handedOver, logIn, message, say, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack, ['--host-resolver-rules=MAP parley.test 127.0.0.1']);

for (const colorScheme of ['light', 'dark'] as const) {
  test(`axe finds nothing serious: ${colorScheme}`, async () => {
    const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
    const id = await stack.group(anna, [ben], { title: 'Everybody', visibility: 'public' });
    const direct = await stack.direct(anna, ben);
    const post = (body: string, conversation = id) => ben.post('/api/messages', { ref: crypto.randomUUID(), conversation, body });
    await post('Text with **bold**, `code`, a [link](https://example.org/) and\n\n```js\nlet x = 1;\n```\n\n| a | b |\n|--|--:|\n| 1 | 2 |');
    await ben.post('/api/messages', { ref: crypto.randomUUID(), conversation: id, body: `@${anna.login} look`, mentions: [anna.id] });
    await post('unread', direct);
    const context = { colorScheme } as const;
    const login = await browser.window({ path: '/login', context });
    await check(login, 'login');
    const page = await browser.window({ person: anna, path: `/c/${id}`, context });
    await message(page, 'look').waitFor();
    await say(page, 'own');
    await check(page, 'conversation');
    await message(page, 'look').hover();
    await page.getByRole('button', { name: 'More actions' }).click();
    await check(page, 'menu');
    for (const path of [`/c/${id}/members`, `/c/${id}/details`, '/account', '/groups', '/groups/new', '/new']) {
      await page.goto(stack.url + path);
      await page.locator('h1').first().waitFor();
      await check(page, path);
    }
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Go to' }).waitFor();
    await check(page, 'quick switcher');
  });
}

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
