// SPDX-License-Identifier: Apache-2.0
//
// Networks that break WebSockets, each played by a TCP proxy: messages flow over HTTP within the promised seconds, a small
// line says so and nothing else does, and the link finds back without a lost, doubled or misplaced message. The time-outs
// are the product's; the minute until WebSocket is tried again passes while the other tests run.

import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { Proxy, type Fault } from '../lib/proxy.ts';
import { useStack } from '../lib/stack.ts';
import { pause, until } from '../lib/wait.ts';
import { composer, handedOver, message, say, tell, texts, useBrowser, Windows } from './window.ts';

const stack = useStack({ alone: true });
const browser = useBrowser(stack);

const OVER_HTTP = 'Connected over HTTP';
const linkLine = (page: Page) => page.locator('.link-line');

const doors: Proxy[] = [];
afterEach(() => Promise.all(doors.splice(0).map((door) => door.stop())));

/** Two people; the first one's way to the server leads through a door of its own. */
async function behind(fault: Fault) {
  const [anna, ben] = [await stack.person('anna'), await stack.person('ben')];
  const id = await stack.direct(anna, ben);
  const door = await Proxy.start(stack.port);
  doors.push(door);
  door.fault = fault;
  const open = () => browser.window({ person: anna, path: `/c/${id}`, origin: door.url });
  return { ben, id, door, open };
}

/** Seconds since a moment of performance.now() until a message has gone each way. */
async function untilBothWays(page: Page, since: number): Promise<number> {
  const timeout = 30_000;
  await Promise.all([handedOver(page, 'on its way up', timeout), message(page, 'on its way down').waitFor({ timeout })]);
  return (performance.now() - since) / 1000;
}

async function saysSoQuietly(page: Page): Promise<void> {
  await linkLine(page).filter({ hasText: OVER_HTTP }).waitFor();
  assert.equal(await page.locator('.toast, .banner, [role=alert], dialog[open]').count(), 0);
}

async function blockedFromTheStart(fault: Fault, limit: number): Promise<void> {
  const { ben, id, door, open } = await behind(fault);
  const page = await open();
  await tell(ben, id, 'on its way down');
  await say(page, 'on its way up');
  const took = await untilBothWays(page, await until('an upgrade', () => door.upgrades[0]));
  assert.ok(took <= limit, `${fault}: ${took.toFixed(1)} s`);
  await saysSoQuietly(page);
}

/** Two windows that were refused a WebSocket: a browser of their own stays over the tests. */
async function refusedBoth() {
  await patient.start();
  const door = (patientDoor = await Proxy.start(stack.port));
  door.fault = 'refuse';
  const people = [await stack.person('dora'), await stack.person('emil')] as const;
  const id = await stack.direct(...people);
  const pages = await Promise.all(people.map((person) => patient.window({ person, path: `/c/${id}`, origin: door.url })));
  for (const page of pages) await linkLine(page).filter({ hasText: OVER_HTTP }).waitFor();
  door.fault = 'none';
  return { id, door, pages };
}

/** They talk from shortly before their minute is over until they have a WebSocket. */
async function minute({ id, door, pages }: Awaited<ReturnType<typeof refusedBoth>>) {
  await until('almost a minute', () => performance.now() > door.upgrades[0]! + 50_000, 60_000);
  const told = await Promise.all(pages.map((page, at) => chatter(page, 'de'[at]!)));
  return { id, pages, told, upgrades: door.upgrades };
}

const patient = new Windows(stack);
after(patient.stop);
let patientDoor: Proxy | undefined;
after(() => patientDoor?.stop());
let passing: ReturnType<typeof minute>;

test('an upgrade that is refused: messages flow both ways within 5 s', async () => {
  await blockedFromTheStart('refuse', 5);
  passing = minute(await refusedBoth());
  passing.catch(() => {}); // told by the test that awaits it
});

test('one that is never answered, or swallows in a direction or both: within 8 s of its start', async () => {
  await Promise.all((['ignore', 'swallow', 'swallow-up', 'swallow-down'] as const).map((fault) => blockedFromTheStart(fault, 8)));
});

test('one that goes silent later, in a direction or both: within 20 s of the first command without an answer', async () => {
  await Promise.all((['swallow', 'swallow-up', 'swallow-down'] as const).map(async (fault) => {
    const { ben, id, door, open } = await behind('none');
    const page = await open();
    await say(page, 'all is well');
    await handedOver(page, 'all is well');
    door.fault = fault;
    const since = performance.now();
    await say(page, 'on its way up');
    await tell(ben, id, 'on its way down');
    const took = await untilBothWays(page, since);
    assert.ok(took <= 20, `${fault}: ${took.toFixed(1)} s`);
    await saysSoQuietly(page);
  }));
});

test('cut every 10 s: what is written all along arrives once and in order', async () => {
  const { ben, id, door, open } = await behind('none');
  const page = await open();
  const written: string[] = [];
  const started = performance.now();
  const cutting = setInterval(() => door.cut('upgrades'), 10_000);
  for (let at = 0; at < 32_000; at = performance.now() - started) {
    const text = `line ${written.length}`;
    await say(page, text);
    written.push(text);
    await message(page, text).last().waitFor();
    if (at % 10_000 > 3_000 && at % 10_000 < 9_000) await pause(250); // as fast as can be around the cuts only
  }
  clearInterval(cutting);
  await handedOver(page, written.at(-1)!);
  assert.deepEqual(await bodies(id), written);
  const other = await browser.window({ person: ben, path: `/c/${id}` });
  for (const window of [page, other]) await shows(window, written);
});

/** All of a conversation as the server has it. */
async function bodies(id: string): Promise<string[]> {
  const rows = await stack.db.query<{ body: string }>(`SELECT body FROM parley.message WHERE conversation_id = $1 ORDER BY seq`, [id]);
  return rows.map(({ body }) => body);
}

/** Waits until a window shows the end of this; what is in the page must be all of it, or its end. */
async function shows(page: Page, all: string[]): Promise<void> {
  await until('the end', async () => (await texts(page)).at(-1) === all.at(-1));
  const shown = await texts(page);
  assert.deepEqual(shown, all.slice(-shown.length));
}

/** Types 20 messages a second until the link has been a WebSocket for a second. Returns how many, and what looked wrong on the way. */
const chatter = (page: Page, word: string) => composer(page).evaluate((field: HTMLTextAreaElement, name) => new Promise<{ count: number; wrong: string[] }>((done) => {
  const wrong: string[] = [];
  let [count, left] = [0, 20];
  const look = () => {
    const seqs = [...document.querySelectorAll<HTMLElement>('.message[data-seq]')].map((one) => Number(one.dataset.seq));
    if (seqs.some((seq, at) => at > 0 && seq <= seqs[at - 1]!)) wrong.push(`order: ${seqs.join()}`);
    const shown = [...document.querySelectorAll('.message .markdown')].map((one) => one.textContent);
    if (new Set(shown).size < shown.length) wrong.push(`double: ${shown.join()}`);
  };
  const timer = setInterval(() => {
    field.value = `${name} ${count++}`;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
    if (count % 10 === 0) look();
    if (document.querySelector('.link-line')!.textContent!.includes('over HTTP') ? count < 1_000 : --left > 0) return;
    clearInterval(timer);
    done({ count, wrong });
  }, 50);
}), word);

test('after a minute WebSocket takes over while 20 messages a second flow both ways: none lost, doubled or misplaced', async (context) => {
  const { id, pages, told, upgrades } = await passing;
  assert.deepEqual(told.flatMap(({ wrong }) => wrong), []);
  assert.equal(upgrades.length, 4);
  const waited = (upgrades[2]! - upgrades[0]!) / 1000;
  assert.ok(waited > 55 && waited < 66, `tried again after ${waited.toFixed(1)} s`);
  const sent = (word: string, { count }: { count: number }) => Array.from({ length: count }, (_, n) => `${word} ${n}`);
  const written = [...sent('d', told[0]!), ...sent('e', told[1]!)];
  const all = await until('all of it', async () => {
    const had = await bodies(id);
    return had.length >= written.length && had;
  });
  assert.deepEqual(all.filter((body) => body.startsWith('d')).concat(all.filter((body) => body.startsWith('e'))), written);
  for (const page of pages) await shows(page, all);
  await patient.finish(context.name);
});
