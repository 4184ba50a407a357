// SPDX-License-Identifier: Apache-2.0
//
// Sessions that end: a login over the kept screen; drafts and outbox kept for the same account and shown to no other; logging
// out asks before anything is lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { useProxy } from '../lib/proxy.ts';
import { useStack, type Person } from '../lib/stack.ts';
import { until } from '../lib/wait.ts';
import { backOnline, composer, handedOver, holds, logIn, message, say, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);
const proxy = useProxy(stack);

async function pair() {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.direct(anna, ben);
  return { anna, ben, id, path: `/c/${id}` };
}

const goOn = (page: Page) => page.getByRole('dialog', { name: 'Log in to go on' });
const accountMenu = (page: Page) => page.getByRole('button', { name: /Your account and status/ });

async function askToLogOut(page: Page) {
  await accountMenu(page).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  return page.getByRole('dialog', { name: 'Log out of this device?' });
}

/** Ends every session of a person but its own, as the person would on another device. */
async function endOthers(person: Person): Promise<void> {
  for (const session of (await person.get('/api/sessions')).body.sessions) if (!session.current) await person.delete(`/api/sessions/${session.id}`);
}

/** What the browser keeps of an account beyond the page: drafts and outbox. */
const stored = (page: Page, account: Person, kind: 'draft' | 'out') =>
  page.evaluate(([prefix]) => new Promise<number>((resolve, reject) => {
    const opening = indexedDB.open('parley');
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const db = opening.result;
      const keys = db.transaction(db.objectStoreNames[0]!).objectStore(db.objectStoreNames[0]!).getAllKeys(IDBKeyRange.bound(prefix!, `${prefix}\uffff`));
      keys.onsuccess = () => {
        db.close();
        resolve(keys.result.length);
      };
    };
  }), [`a/${account.id}/${kind}/`]);

test('"Log out there" ends the other window at once: a login over the kept screen, and it goes on', async () => {
  const { anna, path } = await pair();
  const there = await browser.window({ person: anna, path });
  await say(there, 'stays on the screen');
  await handedOver(there, 'stays on the screen');
  await composer(there).fill('half a sent');
  await anna.post('/api/logout');
  const here = await browser.window({ person: anna, path: '/account' });
  await here.getByRole('button', { name: 'Log out there' }).click();
  await here.getByText('Logged out there').waitFor();
  await goOn(there).waitFor();
  await here.getByRole('button', { name: 'Log out there' }).waitFor({ state: 'detached' });
  assert.ok(await message(there, 'stays on the screen').isVisible());

  for (let n = 0; n < 3; n += 1) await there.keyboard.press('Escape');
  await goOn(there).getByLabel('Password', { exact: true }).fill('not my password');
  await goOn(there).getByRole('button', { name: 'Log in' }).click();
  await goOn(there).getByText('Login name or password is wrong').waitFor();
  await goOn(there).getByLabel('Password', { exact: true }).fill(anna.password);
  await goOn(there).getByRole('button', { name: 'Log in' }).click();
  await goOn(there).waitFor({ state: 'detached' });
  await holds(composer(there), 'half a sent');
  await composer(there).press('Enter');
  await handedOver(there, 'half a sent');
});

/** Anna leaves a draft and a waiting message behind, and her session ends. */
async function interrupted(anna: Person, path: string): Promise<{ context: BrowserContext; origin: string; page: Page }> {
  const origin = proxy.url;
  const context = await browser.context({ person: anna, origin });
  const page = await browser.tab(context, { path, origin });
  await say(page, 'sent before');
  await handedOver(page, 'sent before');
  proxy.fault = 'offline';
  await say(page, 'waits to be sent');
  await message(page, 'waits to be sent').locator('.ticks.waiting').waitFor();
  await composer(page).fill('a thought of hers');
  await until('both are stored', async () => (await stored(page, anna, 'draft')) === 1 && (await stored(page, anna, 'out')) === 1);
  await endOthers(anna);
  await backOnline(proxy, page);
  await goOn(page).waitFor();
  return { context, origin, page };
}

async function useAnother(page: Page, person: Person): Promise<void> {
  await goOn(page).getByRole('button', { name: 'Use another account' }).click();
  await goOn(page).getByText('1 message that was not sent and your drafts stay on this device').waitFor();
  await goOn(page).getByLabel('Login name').fill(person.login);
  await goOn(page).getByLabel('Password', { exact: true }).fill(person.password);
  await goOn(page).getByRole('button', { name: 'Log in' }).click();
  await goOn(page).waitFor({ state: 'detached' });
}

test('another account never sees the drafts and the outbox, in no tab; the first one finds them again', async () => {
  const { anna, ben, path } = await pair();
  const { context, origin, page } = await interrupted(anna, path);
  const second = await browser.tab(context, { path, origin });
  await useAnother(page, ben);
  await accountMenu(page).filter({ hasText: 'ben' }).waitFor();
  for (const window of [page, second]) {
    await window.goto(origin + path);
    await message(window, 'sent before').waitFor();
    assert.equal(await composer(window).inputValue(), '');
    assert.equal(await window.getByText('waits to be sent').count(), 0);
    assert.equal(await window.getByText('a thought of hers').count(), 0);
  }
  await (await askToLogOut(page)).getByText('Your messages and drafts stay on the server.').waitFor();
  await page.getByRole('dialog').getByRole('button', { name: 'Log out' }).click();
  await logIn(page, anna);
  await accountMenu(page).filter({ hasText: 'anna' }).waitFor();
  await page.goto(origin + path);
  await handedOver(page, 'waits to be sent');
  await holds(composer(page), 'a thought of hers');
});

test('another account that logs in while a second tab stands open takes over that tab as well', async () => {
  const { anna, ben, path } = await pair();
  const origin = stack.url;
  const context = await browser.context({ person: anna });
  const [page, second] = [await browser.tab(context, { path }), await browser.tab(context, { path })];
  await composer(second).fill('a thought of hers');
  await endOthers(anna);
  await goOn(second).waitFor();
  await goOn(page).getByRole('button', { name: 'Use another account' }).click();
  await goOn(page).getByLabel('Login name').fill(ben.login);
  await goOn(page).getByLabel('Password', { exact: true }).fill(ben.password);
  await goOn(page).getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL(`${origin}/`);
  await goOn(second).waitFor({ state: 'detached' });
  await accountMenu(second).filter({ hasText: 'ben' }).waitFor();
  await holds(composer(second), '');
  await say(second, 'this is ben');
  await handedOver(second, 'this is ben');
  const { messages } = (await anna.get(`/api/history/${path.slice(3)}`)).body;
  assert.deepEqual(messages.map((one: { sender: string; body: string }) => [one.sender, one.body]), [[ben.id, 'this is ben']]);
});

test('a temporary password: the person chooses an own one, and drafts are still there', async () => {
  const { anna, path } = await pair();
  const admin = await stack.person('admin', { admin: true });
  const page = await browser.window({ person: anna, path });
  await composer(page).fill('not to be lost');
  const { password } = (await admin.post(`/api/admin/accounts/${anna.id}/password`, {})).body;
  await goOn(page).getByLabel('Password', { exact: true }).fill(password);
  await goOn(page).getByRole('button', { name: 'Log in' }).click();
  await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
  await page.getByLabel('Current password').fill(password);
  await page.getByLabel('New password', { exact: true }).fill('one of my own');
  await page.getByLabel('New password once more').fill('one of my own');
  await page.getByRole('button', { name: 'Change password' }).click();
  await holds(composer(page), 'not to be lost');
});

test('logging out asks before it discards, with counts; then nothing is left on the device', async () => {
  const { anna, path } = await pair();
  const context = await browser.context({ person: anna });
  await context.route('**/api/conversations/*/me', (route) => route.abort()); // the server gets no drafts
  const [page, second] = [await browser.tab(context, { path }), await browser.tab(context, { path })];
  await composer(second).fill('a draft');
  await holds(composer(page), 'a draft');
  const asking = await askToLogOut(second);
  await asking.getByText('1 draft is only on this device. Logging out discards it.').waitFor();
  await asking.getByRole('button', { name: 'Cancel' }).click();
  await holds(composer(second), 'a draft');
  await page.keyboard.press('Control+k');
  await page.getByRole('dialog', { name: 'Go to' }).waitFor();
  await (await askToLogOut(second)).getByRole('button', { name: 'Discard and log out' }).click();
  for (const window of [page, second]) await window.getByRole('heading', { name: 'Log in to Parley' }).waitFor();
  for (const window of [page, second]) assert.equal(await window.getByRole('dialog').count(), 0);
  assert.equal(await second.evaluate(() => document.activeElement?.getAttribute('name')), 'login');
  await until('nothing is left', async () => (await stored(page, anna, 'draft')) + (await stored(page, anna, 'out')) === 0);
  await page.getByRole('button', { name: 'Forgot your password?' }).click();
  await page.getByText('Ask the administrator of this server').waitFor();
});

test('a name is changed', async () => {
  const anna = await stack.person('anna');
  const page = await browser.window({ person: anna, path: '/account' });
  await page.getByLabel('Name', { exact: true }).fill('Anna the Great');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('button', { name: /^Anna the Great/ }).waitFor();
});
