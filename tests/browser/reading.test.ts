// SPDX-License-Identifier: Apache-2.0
//
// Reading: ticks, the line of the unread, days and times of the device's zone, pins, and going places by the keyboard.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { useStack } from '../lib/stack.ts';
import { until } from '../lib/wait.ts';
import { act, bySeq, composer, message, say, tell, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);

async function pair() {
  const [anna, ben] = [await stack.person('anna', { display_name: 'Anna' }), await stack.person('ben', { display_name: 'Ben' })];
  const id = await stack.direct(anna, ben);
  return { anna, ben, id, path: `/c/${id}` };
}

test('ticks: sent, received by a device, read by the person', async () => {
  const { anna, ben, path } = await pair();
  const page = await browser.window({ person: anna, path });
  await say(page, 'are you there?');
  await message(page, 'are you there?').getByRole('img', { name: 'Sent' }).waitFor();
  const other = await browser.window({ person: ben, path: '/groups' });
  await message(page, 'are you there?').getByRole('img', { name: 'Received' }).waitFor();
  await other.locator('a.conv', { hasText: 'Anna' }).click();
  await message(page, 'are you there?').getByRole('img', { name: 'Read' }).waitFor();
});

test('a line marks where the unread begin; it is gone at the next visit, be it a reload right after reading', async () => {
  const { anna, ben, id } = await pair();
  await tell(ben, id, 'known');
  await anna.post('/api/read', { conversation: id, seq: 1 });
  await tell(ben, id, 'new one');
  await tell(ben, id, 'new two');
  const page = await browser.window({ person: anna });
  await page.locator('a.conv.unread', { hasText: 'Ben' }).locator('.pill.count', { hasText: '2' }).waitFor();
  await page.locator('a.conv', { hasText: 'Ben' }).click();
  await page.locator('.new-line + .message', { hasText: 'new one' }).waitFor();
  await page.locator('a.conv.unread').waitFor({ state: 'detached' });
  assert.equal(await page.locator('.new-line').count(), 1);
  await page.reload();
  await message(page, 'new two').waitFor();
  assert.equal(await page.locator('.new-line').count(), 0);
  await until('read everywhere', async () => (await anna.get(`/api/conversations/${id}`)).body.conversation.unread === 0);
});

test('who reads further up is told of new messages and not moved; who writes is taken to the end and stays there', async () => {
  const { anna, ben, id, path } = await pair();
  for (let n = 1; n <= 60; n += 1) await tell(ben, id, `message ${n}`);
  await anna.post('/api/read', { conversation: id, seq: 60 });
  const page = await browser.window({ person: anna, path });
  await bySeq(page, 60).waitFor();
  await page.locator('.timeline').hover();
  await page.mouse.wheel(0, -900);
  await page.getByRole('button', { name: 'Go to the latest' }).waitFor();
  const place = async () => (await bySeq(page, 45).boundingBox())!.y;
  const frame = () => page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  const before = await until('the end of the scrolling', async () => {
    const was = await place();
    await frame();
    return was === (await place()) && was;
  });
  await tell(ben, id, 'the newest');
  await page.getByRole('button', { name: '1 new' }).waitFor();
  assert.equal(await place(), before);
  await page.getByRole('button', { name: '1 new' }).click();
  await message(page, 'the newest').waitFor();
  await page.locator('.to-end').waitFor({ state: 'detached' });

  const atTheEnd = (text: string) =>
    until(`the end of "${text}" in view`, async () => {
      const [row, box] = [await message(page, text).boundingBox(), await page.locator('.timeline').boundingBox()];
      return row && box && row.y + row.height <= box.y + box.height;
    });
  await page.locator('.timeline').hover();
  await page.mouse.wheel(0, -900);
  await page.getByRole('button', { name: 'Go to the latest' }).waitFor();
  await say(page, 'from further up');
  await atTheEnd('from further up');
  await composer(page).fill('several\n\n```\nlines\n```'); // the field grows, and the timeline shrinks
  await frame();
  await tell(ben, id, 'while the other writes');
  await atTheEnd('while the other writes');
  await composer(page).press('Enter');
  await atTheEnd('several');
});

test('times are of the zone of the device, and the day lines change at its midnight', async () => {
  const { anna, ben, id, path } = await pair();
  await tell(ben, id, 'an old one');
  await tell(ben, id, 'a new one');
  await stack.db.query(`UPDATE parley.message SET time = time - interval '50 hours' WHERE conversation_id = $1 AND seq = 1`, [id]);
  const sent = Date.parse((await anna.get(`/api/history/${id}`)).body.messages[1].time);
  for (const timezoneId of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
    const page = await browser.window({ context: { timezoneId }, person: anna, path: '/account' });
    await page.clock.install();
    await page.goto(stack.url + path);
    for (const seq of [1, 2]) await bySeq(page, seq).waitFor({ state: 'attached' });
    const day = (text: string) => page.locator('.day', { hasText: text }).locator('.day-name');
    const zoned = new Intl.DateTimeFormat('en-GB', { timeZone: timezoneId, hour: '2-digit', minute: '2-digit' }).format(sent);
    assert.equal(await message(page, 'a new one').locator('.message-head .stamp').innerText(), zoned);
    assert.equal(await page.locator('.day').count(), 2);
    await day('a new one').getByText('Today').waitFor();
    await page.clock.fastForward(await page.evaluate(() => new Date().setHours(24, 0, 1, 0) - Date.now()));
    await day('a new one').getByText('Yesterday').waitFor();
  }
});

test('a pin is seen by both and can be taken back', async () => {
  const { anna, ben, id, path } = await pair();
  await tell(ben, id, 'the address is 12 Mill Lane');
  const a = await browser.window({ person: anna, path });
  const b = await browser.window({ person: ben, path });
  await act(a, 'Mill Lane', 'Pin');
  await message(b, 'Mill Lane').locator('.pinned').waitFor();
  await act(b, 'Mill Lane', 'Unpin');
  await message(a, 'Mill Lane').locator('.pinned').waitFor({ state: 'detached' });
});

test('the quick switcher: Ctrl K, some letters, Enter, without a mouse', async () => {
  const { anna, path } = await pair();
  const dora = await stack.person('dora', { display_name: 'Dora Ekström' });
  await stack.group(anna, [], { title: 'Quarterly report' });
  const page = await browser.window({ person: anna, path });
  await composer(page).waitFor();
  const pick = async (letters: string) => {
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog', { name: 'Go to' }).waitFor();
    await page.keyboard.type(letters);
  };
  await pick('qrep');
  await page.getByRole('option', { name: /Quarterly report/, selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Quarterly report' }).waitFor();
  await page.waitForFunction(() => document.activeElement?.matches('.composer textarea'));
  await pick(dora.login);
  await page.getByRole('option', { name: /Dora Ekström/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Dora Ekström' }).waitFor();
  await page.keyboard.press('Alt+ArrowDown');
  await page.getByRole('heading', { level: 1, name: 'Ben' }).waitFor();
  await pick('nobody at all');
  await page.getByText('Nobody and nothing found').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});
