// SPDX-License-Identifier: Apache-2.0
//
// The administration pages: what an administrator does there, by mouse, by keyboard and on a phone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { administrator } from '../api/admin/administrator.ts';
import { useStack } from '../lib/stack.ts';
import { until } from '../lib/wait.ts';
import { check } from './axe.ts';
import { composer, logIn, PHONE, register, useBrowser } from './window.ts';

const stack = useStack({ config: { registration: 'invite' } });
const browser = useBrowser(stack);

const row = (page: Page, text: string) => page.getByRole('row', { name: text });
const manage = (page: Page, name: string) => page.getByRole('button', { name: `Manage ${name}` }).click();
const dialog = (page: Page) => page.getByRole('dialog');
/** The names in the first column. */
const names = (page: Page) => page.locator('tbody .name').allInnerTexts();

/** Chooses what to do with the account that is being managed, and confirms it as asked. */
async function act(page: Page, what: string, login?: string): Promise<void> {
  await dialog(page).getByRole('button', { name: what }).click();
  const yes = dialog(page).getByRole('button', { name: what, exact: true });
  if (login !== undefined) {
    assert.ok(await yes.isDisabled());
    await dialog(page).getByLabel(`Type ${login} to confirm`).fill(login);
  }
  await yes.click();
}

test('a person is added, gets a temporary password, and must choose an own one at the first login', async () => {
  const page = await browser.window({ person: await administrator(stack), path: '/admin/' });
  await page.getByRole('button', { name: 'Add a person' }).click();
  await dialog(page).getByLabel('Login name').fill('dora');
  await dialog(page).getByLabel('Display name').fill('Dora Added');
  await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
  const password = await dialog(page).locator('.secret-text').innerText();
  await dialog(page).getByRole('button', { name: 'Copy' }).click();
  await dialog(page).getByText('Copied').waitFor();
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await row(page, 'Dora Added').getByText('Temporary password').waitFor();

  await page.getByRole('button', { name: 'Add a person' }).click();
  await dialog(page).getByLabel('Login name').fill('dora');
  await dialog(page).getByLabel('Display name').fill('Another');
  await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
  await dialog(page).getByText('This login name is taken').waitFor();

  const dora = await browser.window({ path: '/login' });
  await logIn(dora, { login: 'dora', password });
  await dora.getByRole('heading', { name: 'Choose a new password' }).waitFor();
  await dora.getByLabel('Current password').fill(password);
  await dora.getByLabel('New password', { exact: true }).fill('one of my own');
  await dora.getByLabel('New password once more').fill('another one');
  await dora.getByRole('button', { name: 'Change password' }).click();
  await dora.getByText('The two do not match').waitFor();
  await dora.getByLabel('New password once more').fill('one of my own');
  await dora.getByRole('button', { name: 'Change password' }).click();
  await dora.getByText('No conversations yet').waitFor();
});

test('the list is searched and filtered, and the filters are in the address', async () => {
  const admin = await administrator(stack);
  for (const [login, display_name] of [['zoe.one', 'Zoë Öberg'], ['zoe.two', 'Second of Them'], ['zoe.three', 'Third']]) {
    await admin.post('/api/admin/accounts', { login, display_name, admin: login === 'zoe.two' });
  }
  const page = await browser.window({ person: admin, path: '/admin/' });
  await page.getByLabel('Find by name or login').fill('zoe');
  await until('those of that login', async () => (await names(page)).length === 3);
  await page.getByText('3 people').waitFor();
  await page.getByLabel('Administrators only').check();
  await until('one of them', async () => (await names(page)).join() === 'Second of Them');
  assert.equal(new URL(page.url()).search, '?q=zoe&admins=yes');
  await page.reload();
  await until('the same', async () => (await names(page)).join() === 'Second of Them');
  await page.getByLabel('Find by name or login').fill('öberg');
  await page.getByText('Nobody fits').waitFor();
  await page.getByLabel('Administrators only').uncheck();
  await until('found by name', async () => (await names(page)).join() === 'Zoë Öberg');
  await page.getByLabel('Who is shown').selectOption('Deactivated');
  await page.getByText('Nobody fits').waitFor();
});

test('an invite link lets one person in; the second is told so, and the list says who it was', async () => {
  const page = await browser.window({ person: await administrator(stack), path: '/admin/invites' });
  await page.getByLabel('Good for').selectOption('1 day');
  await page.getByRole('button', { name: 'Make an invite link' }).click();
  const link = await dialog(page).locator('.secret-text').innerText();
  await dialog(page).getByText('Good for one person').waitFor();
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('row', { name: /^Open/ }).getByText(/ at /).waitFor(); // tomorrow
  assert.ok(link.startsWith(`${stack.url}/invite/`));

  const guest = await browser.window({ path: link.slice(stack.url.length) });
  await guest.getByText('You have been invited').waitFor();
  await register(guest, 'guest');
  await guest.getByText('No conversations yet').waitFor();

  const late = await browser.window({ path: link.slice(stack.url.length) });
  await register(late, 'late');
  await late.getByText('This invitation has been used or has expired. Ask for a new one.').waitFor();
  await late.goto(`${stack.url}/register`);
  await register(late, 'late');
  await late.getByText('This server takes new accounts by invitation only.').waitFor();

  await page.reload();
  await page.getByRole('row', { name: /^Used/ }).getByText('Name of guest').waitFor();
  await page.getByRole('button', { name: 'Make an invite link' }).click();
  const withdrawn = await dialog(page).locator('.secret-text').innerText();
  await dialog(page).getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByRole('button', { name: 'Withdraw' }).waitFor({ state: 'detached' });
  await late.goto(withdrawn);
  await register(late, 'late');
  await late.getByText('This invitation has been used or has expired').waitFor();
});

test('a person is put out at once and comes back; rights are given and taken', async () => {
  const admin = await administrator(stack);
  const other = await administrator(stack);
  await admin.patch(`/api/admin/accounts/${other.id}`, { admin: false, display_name: 'Olaf' });
  const theirs = await browser.window({ person: other, path: `/c/${await stack.direct(other, admin)}` });
  await composer(theirs).fill('a draft');
  const page = await browser.window({ person: admin, path: '/admin/?state=all' });
  await manage(page, 'Olaf');
  await act(page, 'Deactivate', other.login);
  await row(page, 'Olaf').getByText('Deactivated').waitFor();
  await theirs.getByRole('dialog', { name: 'Log in to go on' }).waitFor();
  await manage(page, 'Olaf');
  await act(page, 'Reactivate');
  await row(page, 'Olaf').getByText('Deactivated').waitFor({ state: 'detached' });
  await manage(page, 'Olaf');
  await act(page, 'Make administrator', other.login);
  await row(page, 'Olaf').getByText('Administrator').waitFor();
  await manage(page, 'Olaf');
  await act(page, 'Set a temporary password', other.login);
  const password = await dialog(page).locator('.secret-text').innerText();
  await dialog(page).getByRole('button', { name: 'Done' }).click();

  const olaf = await browser.window({ path: '/admin/' });
  await logIn(olaf, { login: other.login, password });
  await olaf.getByText('Choose your own password first').waitFor();
  await olaf.getByRole('link', { name: 'Open the chat' }).click();
  await olaf.getByLabel('Current password').fill(password);
  await olaf.getByLabel('New password', { exact: true }).fill('one of my own');
  await olaf.getByLabel('New password once more').fill('one of my own');
  await olaf.getByRole('button', { name: 'Change password' }).click();
  await olaf.getByRole('button', { name: /Your account and status/ }).click();
  await olaf.getByRole('menuitem', { name: 'Administration' }).click();
  await olaf.getByRole('heading', { name: 'People' }).waitFor();

  await manage(page, 'Olaf');
  await act(page, 'Withdraw administration', other.login);
  await row(page, 'Olaf').getByText('Administrator').waitFor({ state: 'detached' });
  await olaf.getByRole('link', { name: 'Record' }).click();
  await olaf.getByText('Your account may not open these pages').waitFor();
  await page.getByRole('link', { name: 'Record' }).click();
  await page.getByRole('row', { name: 'Withdrew administration Olaf The Admin' }).first().waitFor();
});

test('the last administrator stays; who steps down is shown the door; a session that ended asks for the login', async () => {
  const admin = await administrator(stack);
  await stack.db.query('UPDATE parley.account SET admin = id = $1', [admin.id]);
  const page = await browser.window({ person: admin, path: '/admin/?admins=yes' });
  for (const what of ['Withdraw administration', 'Deactivate']) {
    await manage(page, 'The Admin');
    await act(page, what, admin.login);
    await dialog(page).getByText('The last administrator cannot be removed').waitFor();
    await page.keyboard.press('Escape');
  }
  await administrator(stack);
  for (const session of (await admin.get('/api/sessions')).body.sessions) if (!session.current) await admin.delete(`/api/sessions/${session.id}`);
  await page.getByRole('link', { name: 'Relays' }).click();
  await page.getByRole('heading', { name: 'Log in to administer' }).waitFor();
  await logIn(page, admin);
  await page.getByRole('heading', { name: 'Relays' }).waitFor();
  await page.goto(`${stack.url}/admin/?q=${admin.login}`);
  await manage(page, 'The Admin');
  await act(page, 'Withdraw administration', admin.login);
  await page.getByText('Your account may not open these pages').waitFor();
});

test('the relays are shown as they are', async () => {
  const page = await browser.window({ person: await administrator(stack), path: '/admin/relays' });
  await row(page, 'a Alive').waitFor();
  await row(page, 'b Alive').waitFor();
  await stack.daemon('relay-b').stop('SIGKILL');
  await stack.db.query("UPDATE parley.relay_node SET beat = beat - interval '8 seconds' WHERE name = 'b'");
  await row(page, 'b Alive').waitFor({ state: 'detached' }); // silent for a while, then forgotten
  await stack.startRelay('b');
  await row(page, 'b Alive').waitFor();
});

test('everything works by keyboard alone, and the focus is never lost', async () => {
  const admin = await administrator(stack);
  await admin.post('/api/admin/accounts', { login: 'key.board', display_name: 'Kay Board' });
  const page = await browser.window({ path: '/admin/?q=key.board' });
  await page.getByRole('heading', { name: 'Log in to administer' }).waitFor();
  await page.keyboard.type(admin.login);
  await page.keyboard.press('Tab');
  await page.keyboard.type(admin.password);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Manage Kay Board' }).waitFor();
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent?.trim() ?? '');
  const backAt = (name: string) => until(`the focus back at "${name}"`, async () => (await focused()) === name);
  const tabTo = async (name: string) => {
    await until(name, async () => {
      await page.keyboard.press('Tab');
      return (await focused()) === name;
    });
    await page.keyboard.press('Enter');
  };
  await tabTo('Manage Kay Board');
  await tabTo('Deactivate');
  await dialog(page).getByLabel('Type key.board to confirm').waitFor();
  await page.keyboard.type('key.board');
  await page.keyboard.press('Enter');
  await row(page, 'Kay Board').getByText('Deactivated').waitFor();
  await backAt('Manage Kay Board');
  const openAtOnce = await page.evaluate(async () => {
    (document.activeElement as HTMLElement).click();
    for (let turn = 0; turn < 20; turn++) await null; // no key is heard between these
    return document.querySelector('dialog')?.open;
  });
  assert.ok(openAtOnce, 'the dialog is there before the next key');
  await page.keyboard.press('Escape');
  await backAt('Manage Kay Board');
});

for (const [screen, context] of [['desktop', {}], ['phone', PHONE]] as const) {
  test(`axe finds nothing serious, and nothing is wider than the screen: ${screen}`, async () => {
    const admin = await administrator(stack);
    await admin.post('/api/admin/accounts', { login: `long.${screen}`, display_name: 'Montenegro-Hohenzollern '.repeat(3).trim(), admin: true });
    await admin.post('/api/admin/invites', {});
    const page = await browser.window({ path: '/admin/', context });
    await check(page, 'login');
    await logIn(page, admin);
    for (const tab of ['People', 'Invite links', 'Relays', 'Record']) {
      await page.getByRole('link', { name: tab }).click();
      await page.getByRole('table', { name: tab }).waitFor();
      assert.ok(await page.evaluate(() => [document.documentElement, document.querySelector('.table-scroll')!].every((one) => one.scrollWidth <= innerWidth)), tab);
      await check(page, tab);
    }
    await page.getByRole('link', { name: 'People' }).click();
    await page.getByRole('button', { name: /^Manage Montenegro/ }).first().click();
    await check(page, 'manage');
    await dialog(page).getByRole('button', { name: 'Deactivate' }).click();
    await check(page, 'confirm');
  });
}
