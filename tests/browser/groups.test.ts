// SPDX-License-Identifier: Apache-2.0
//
// Groups by hand: made, found, joined, managed and left, each told to the others by a line in the conversation.

import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { useStack } from '../lib/stack.ts';
import { composer, message, PHONE, say, tell, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);
const line = (page: Page, text: string) => page.locator('.message.system', { hasText: text }).waitFor();

async function manage(page: Page, name: string, item: string): Promise<void> {
  await page.getByRole('button', { name: `Manage ${name}` }).click();
  await page.getByRole('menuitem', { name: item }).click();
}

test('a group is made, its members are added, promoted and removed, it is renamed', async () => {
  const [anna, ben, carl] = [await stack.person('anna', { display_name: 'Anna' }), await stack.person('ben', { display_name: 'Ben Adler' }), await stack.person('carl', { display_name: 'Carl Brandt' })];
  const a = await browser.window({ person: anna });
  const b = await browser.window({ person: ben });
  await a.getByRole('button', { name: 'New conversation' }).click();
  await a.getByRole('menuitem', { name: 'New group' }).click();
  await a.getByLabel('Title').fill('Release planning');
  await a.getByRole('combobox', { name: /^Members/ }).fill('adler');
  await a.getByRole('option', { name: /Ben Adler/ }).click();
  await a.getByRole('button', { name: 'Create group' }).click();
  await a.waitForURL(/\/c\/\d+$/);
  await a.getByRole('heading', { level: 1, name: 'Release planning' }).waitFor();
  await b.locator('a.conv', { hasText: 'Release planning' }).click();
  await say(b, 'Here I am');
  await message(a, 'Here I am').waitFor();

  await a.getByRole('button', { name: /^Members/ }).click();
  await a.getByRole('button', { name: 'Add people' }).click();
  const dialog = a.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Members' }).fill(carl.login);
  await dialog.getByRole('option', { name: /Carl Brandt/ }).click();
  await dialog.getByRole('button', { name: 'Add 1 person' }).click();
  await line(b, 'Anna added Carl Brandt');
  await b.getByRole('button', { name: 'Members: 3' }).waitFor();

  await manage(a, 'Ben Adler', 'Make admin');
  await a.locator('.member', { hasText: 'Ben Adler' }).getByText('Admin').waitFor();
  await b.getByRole('button', { name: 'Members: 3' }).click();
  await manage(b, 'Carl Brandt', 'Remove from group');
  await b.getByRole('dialog', { name: 'Remove Carl Brandt from Release planning?' }).getByRole('button', { name: 'Remove from group' }).click();
  await line(a, 'Ben Adler removed Carl Brandt');
  await a.getByRole('button', { name: 'Members: 2' }).waitFor();

  await b.getByRole('button', { name: 'Details' }).click();
  await b.getByRole('button', { name: 'Edit: Title' }).click();
  await b.getByRole('dialog').getByLabel('Title').fill('Release 2');
  await b.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await line(a, 'renamed the group to “Release 2”');
  await a.getByRole('heading', { level: 1, name: 'Release 2' }).waitFor();
  await a.locator('a.conv', { hasText: 'Release 2' }).waitFor();
});

test('who has no conversation is shown how to begin; who is alone in a group, how to add people', async () => {
  const anna = await stack.person('anna');
  const phone = await browser.window({ person: anna, context: PHONE });
  await phone.getByRole('heading', { name: 'Welcome to Parley' }).waitFor();
  await phone.getByRole('button', { name: 'Message somebody' }).tap();
  await phone.waitForURL('**/new');
  const page = await browser.window({ person: anna });
  await page.getByRole('main').getByRole('button', { name: 'Find groups to join' }).click();
  await page.waitForURL('**/groups');
  await page.goBack();
  await page.getByRole('main').getByRole('button', { name: 'New group' }).press('Enter');
  await page.getByLabel('Title').fill('Only Anna');
  await page.getByLabel('Title').press('Enter');
  await page.getByText('Only you are here yet').waitFor();
  const add = page.getByRole('main').getByRole('button', { name: 'Add people' });
  await add.press('Enter');
  await page.getByRole('complementary', { name: 'Members' }).getByRole('button', { name: 'Add people' }).press('Escape');
  await add.and(page.locator(':focus')).waitFor();
});

test('a public group is found, joined and left again', async () => {
  const [anna, ben] = [await stack.person('anna', { display_name: 'Anna' }), await stack.person('ben', { display_name: 'Ben' })];
  const id = await stack.group(anna, [], { title: 'Book club', visibility: 'public' });
  await tell(anna, id, 'Which book next?');
  const a = await browser.window({ person: anna, path: `/c/${id}` });
  const page = await browser.window({ person: ben });
  await page.getByRole('button', { name: 'New conversation' }).click();
  await page.getByRole('menuitem', { name: 'Find groups to join' }).click();
  await page.getByLabel('Search groups').fill('book');
  await page.getByRole('button', { name: 'Join: Book club' }).click();
  await page.waitForURL(`${stack.url}/c/${id}`);
  await message(page, 'Which book next?').waitFor();
  await line(a, 'Ben joined');

  await page.getByRole('button', { name: 'Details' }).click();
  await page.getByRole('button', { name: 'Leave group' }).click();
  await page.getByRole('dialog', { name: 'Leave Book club?' }).getByRole('button', { name: 'Leave group' }).click();
  await page.waitForURL(`${stack.url}/`);
  await page.locator('.toast', { hasText: 'You left Book club' }).waitFor();
  await page.locator('a.conv', { hasText: 'Book club' }).waitFor({ state: 'detached' });
  await line(a, 'Ben left');
});

test('the last owner is told why leaving does not work', async () => {
  const anna = await stack.person('anna');
  const page = await browser.window({ person: anna, path: `/c/${await stack.group(anna, [await stack.person('ben')], { title: 'Mine' })}/details` });
  await page.getByRole('button', { name: 'Leave group' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click();
  await page.getByRole('dialog').getByText('You are the last owner. Make somebody else an owner first.').waitFor();
});

test('who is removed sees it at once and cannot write any more', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.group(anna, [ben], { title: 'Short stay' });
  await tell(anna, id, 'welcome');
  const page = await browser.window({ person: ben, path: `/c/${id}` });
  await message(page, 'welcome').waitFor();
  await anna.delete(`/api/groups/${id}/members/${ben.id}`);
  await page.getByText('You are no longer a member of this conversation.').waitFor();
  await composer(page).waitFor({ state: 'detached' });
});

test('a card about a person leads to the conversation with them', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben', { display_name: 'Ben' })];
  const id = await stack.group(anna, [ben], { title: 'Everybody' });
  await tell(ben, id, 'hello all');
  const page = await browser.window({ person: anna, path: `/c/${id}` });
  await message(page, 'hello all').getByRole('button', { name: 'Ben' }).click();
  const card = page.getByRole('menu', { name: 'Ben' });
  await card.getByText(`@${ben.login}`).waitFor();
  await card.getByRole('menuitem', { name: 'Message' }).click();
  await page.getByRole('heading', { level: 1, name: 'Ben' }).waitFor();
  await page.getByText('This is the beginning of your conversation with Ben').waitFor();
});

test('a changed name shows in the windows of others', async () => {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben', { display_name: 'Ben' })];
  const id = await stack.group(anna, [ben], { title: 'Everybody' });
  await tell(ben, id, 'hello all');
  const page = await browser.window({ person: anna, path: `/c/${id}` });
  await message(page, 'hello all').locator('.sender', { hasText: /^Ben$/ }).waitFor();
  await ben.patch('/api/me', { display_name: 'Benedict' });
  await message(page, 'hello all').locator('.sender', { hasText: 'Benedict' }).waitFor();
});
