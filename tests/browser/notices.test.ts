// SPDX-License-Identifier: Apache-2.0
//
// What tells a person who looks elsewhere: title and icon, a notice and a sound once they were asked for; and a new version.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { BrowserContext, Page } from 'playwright-core';
import { useStack } from '../lib/stack.ts';
import { stage } from '../lib/stage.ts';
import { until } from '../lib/wait.ts';
import { composer, holds, message, say, tell, useBrowser } from './window.ts';

const www = mkdtempSync(join(tmpdir(), 'parley-www-'));
cpSync(join(stage(), 'build/www'), www, { recursive: true });
execFileSync('chmod', ['-R', 'a+rX', www]);
after(() => rmSync(www, { recursive: true }));
const stack = useStack({ www });
const browser = useBrowser(stack);

async function scene() {
  const [anna, ben] = [await stack.person('anna', { display_name: 'Anna' }), await stack.person('ben', { display_name: 'Ben' })];
  const direct = await stack.direct(anna, ben);
  const group = await stack.group(anna, [ben], { title: 'Everybody' });
  return { anna, ben, direct, group };
}

/** A headless browser shows no notices and plays nothing: what the page asks of it is written down instead. */
async function record(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const told: string[] = [];
    class Recorded extends EventTarget {
      static permission = 'default';
      static async requestPermission() {
        told.push('asked');
        return (Recorded.permission = 'granted');
      }
      constructor(title: string, { body }: { body: string }) {
        super();
        told.push(`${title}: ${body}`);
      }
      close() {}
    }
    const { start } = OscillatorNode.prototype;
    OscillatorNode.prototype.start = function (at) {
      if (this.frequency.value < 700) told.push('sound');
      return start.call(this, at);
    };
    Object.assign(globalThis, { Notification: Recorded, told });
  });
}
const told = (page: Page): Promise<string[]> => page.evaluate(() => (globalThis as unknown as { told: string[] }).told);

/** The window goes behind another one, or comes back. */
const hide = (page: Page, hidden: boolean): Promise<void> => page.evaluate((state) => {
  Object.defineProperty(document, 'visibilityState', { configurable: true, value: state });
  document.dispatchEvent(new Event('visibilitychange'));
}, hidden ? 'hidden' : 'visible');

test('title and icon tell what is unread', async () => {
  const { anna, ben, direct, group } = await scene();
  const page = await browser.window({ person: anna, path: '/groups' });
  await page.locator('a.conv', { hasText: 'Ben' }).waitFor();
  const icon = () => page.locator('link[rel=icon]').getAttribute('href');
  await until('a quiet title', async () => (await page.title()) === 'Find groups · Parley');
  assert.match((await icon())!, /icon\.svg$/);
  await tell(ben, direct, 'one');
  await tell(ben, group, 'two');
  await until('told in the title', async () => (await page.title()) === '(2) Find groups · Parley');
  await until('told in the icon', async () => /^data:image\/png/.test((await icon())!));
  await anna.post('/api/read', { conversation: direct, seq: 1 });
  await anna.post('/api/read', { conversation: group, seq: 2 });
  await until('quiet again', async () => (await page.title()) === 'Find groups · Parley' && /icon\.svg$/.test((await icon())!));
});

test('notices and sound: never before they are asked for by a click, then for mentions and direct messages while hidden', async () => {
  const { anna, ben, direct, group } = await scene();
  const context = await browser.context({ person: anna });
  await record(context);
  const page = await browser.tab(context, { path: '/account' });
  const seen = (unread: number) => page.locator('a.conv', { hasText: 'Ben' }).locator('.pill', { hasText: String(unread) }).waitFor();
  await page.getByLabel('Show a notice on this device').waitFor();
  await hide(page, true);
  await tell(ben, direct, 'before it was asked for');
  await seen(1);
  assert.deepEqual(await told(page), []);
  await hide(page, false);
  await page.getByLabel('Show a notice on this device').check();
  await page.getByLabel('Play a sound').check();
  await until('asked, and played once to try', async () => (await told(page)).join() === 'asked,sound');
  await tell(ben, direct, 'while looking');
  await seen(2);
  await hide(page, true);
  await tell(ben, group, 'nothing for Anna');
  await tell(ben, group, `look, @${anna.login}`, { mentions: [anna.id] });
  await tell(ben, direct, 'a **direct** one');
  await until('told', async () => (await told(page)).length >= 6);
  assert.deepEqual(await told(page), ['asked', 'sound', 'sound', `Ben in Everybody: look, @${anna.login}`, 'sound', 'Ben: a direct one']);
  const second = await browser.tab(context);
  await second.locator('a.conv', { hasText: 'Everybody' }).waitFor();
  await tell(ben, group, 'nothing again');
  await tell(ben, direct, 'while another tab is looked at');
  await second.locator('a.conv', { hasText: 'Ben' }).locator('.pill', { hasText: '4' }).waitFor();
  await hide(second, true);
  await tell(ben, direct, 'nobody looks');
  await until('told by one tab', async () => [...(await told(page)), ...(await told(second))].includes('Ben: nobody looks'));
  assert.equal([...(await told(page)), ...(await told(second))].filter((one) => one.startsWith('Ben: ')).length, 2);
});

/** What an upgrade does: other files under other names, and the old ones are gone. */
function upgrade(): void {
  const read = (name: string) => readFileSync(join(www, name), 'utf8');
  const { script } = (JSON.parse(read('assets.json')) as Record<string, { script: string }>)['app/main.tsx']!;
  const { build } = JSON.parse(read('version.json')) as { build: string };
  const renamed = script.replace(/-\w+\.js$/, '-NEWER.js');
  renameSync(join(www, script), join(www, renamed));
  for (const name of ['index.html', 'sw.js', 'version.json']) writeFileSync(join(www, name), read(name).replaceAll(build, '00000000beef').replaceAll(script, renamed));
}

test('after an upgrade the page goes on and offers to reload; the reload brings the new version', async () => {
  const { anna, direct } = await scene();
  const page = await browser.window({ person: anna, path: `/c/${direct}` });
  await say(page, 'with the old version');
  await message(page, 'with the old version').locator('.ticks.sent').waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  upgrade();
  await Promise.all(stack.relays.map((relay) => stack.restartRelay(relay, 'SIGTERM')));
  await page.getByText('A new version of Parley is ready.').waitFor({ timeout: 30_000 });
  await say(page, 'still with the old one');
  await message(page, 'still with the old one').locator('.ticks.sent').waitFor();
  await composer(page).fill('and a draft');
  await page.getByRole('button', { name: 'Reload' }).click();
  await until('the new version', () => page.locator('meta[name=parley-build]').getAttribute('content').then((build) => build === '00000000beef'));
  await message(page, 'still with the old one').waitFor();
  await holds(composer(page), 'and a draft');
  assert.equal(await page.getByText('A new version').count(), 0);
});
