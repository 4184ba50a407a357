// SPDX-License-Identifier: Apache-2.0
//
// A server that takes no new accounts: who wants one is told whom to ask; who has one gets in. (By invitation: admin.test.ts.)

import { test } from 'node:test';
import { administrator } from '../api/admin/administrator.ts';
import { useStack } from '../lib/stack.ts';
import { logIn, register, useBrowser } from './window.ts';

const stack = useStack({ relays: ['a'], config: { registration: 'closed' } });
const browser = useBrowser(stack);

test('where registration is closed the page says whom to ask, and leads to the login', async () => {
  const admin = await administrator(stack);
  const page = await browser.window({ path: '/register' });
  await register(page, 'newcomer');
  await page.getByRole('alert').getByText('This server takes no new accounts. Ask its administrator.').waitFor();
  await page.getByRole('link', { name: 'Log in' }).click();
  await logIn(page, admin);
  await page.getByText('No conversations yet').waitFor();
});
