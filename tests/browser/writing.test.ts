// SPDX-License-Identifier: Apache-2.0
//
// Writing: drafts are never lost, names complete, what is pasted in and copied out is text that can be read.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Page } from 'playwright-core';
import { useStack } from '../lib/stack.ts';
import { until } from '../lib/wait.ts';
import { bySeq, composer, holds, message, say, tell, useBrowser } from './window.ts';

const stack = useStack();
const browser = useBrowser(stack);

async function pair() {
  const [anna, ben] = [await stack.person('anna', { display_name: 'Anna' }), await stack.person('ben', { display_name: 'Ben' })];
  const id = await stack.direct(anna, ben);
  return { anna, ben, id, path: `/c/${id}` };
}

/** Everything this device keeps, as text. */
const kept = (page: Page): Promise<string> => page.evaluate(() => new Promise((done) => {
  const opening = indexedDB.open('parley');
  opening.onsuccess = () => {
    const all = opening.result.transaction('pairs').objectStore('pairs').getAll();
    all.onsuccess = () => done(JSON.stringify(all.result));
  };
}));

/** A paste as the browser makes it of a page's text. */
const paste = (page: Page, data: Record<string, string>): Promise<void> => composer(page).evaluate((field, given) => {
  const clipboardData = new DataTransfer();
  for (const [type, text] of Object.entries(given)) clipboardData.setData(type, text);
  field.focus();
  const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
  if (field.dispatchEvent(event)) document.execCommand('insertText', false, clipboardData.getData('text/plain'));
}, data);

test('a draft outlives a closed tab and a crash, and is shown in the list', async () => {
  const { anna, path } = await pair();
  const context = await browser.context({ person: anna });
  const first = await browser.tab(context, { path });
  await composer(first).fill('half a thought');
  await first.close();
  const second = await browser.tab(context);
  await second.locator('a.conv', { hasText: 'Ben' }).getByRole('img', { name: 'Draft' }).waitFor();
  await second.locator('a.conv', { hasText: 'Ben' }).click();
  await holds(composer(second), 'half a thought');
  await composer(second).fill('half a thought, and more');
  await until('kept', async () => (await kept(second)).includes('and more'));
  const crash = await context.newCDPSession(second);
  const crashed = second.waitForEvent('crash');
  crash.send('Page.crash').catch(() => {});
  await crashed;
  const third = await browser.tab(context, { path });
  await holds(composer(third), 'half a thought, and more');
});

test('a draft with its reply follows to another device', async () => {
  const { anna, ben, id, path } = await pair();
  await tell(ben, id, 'a question');
  const page = await browser.window({ person: anna, path });
  await message(page, 'a question').hover();
  await page.getByRole('button', { name: 'Reply', exact: true }).click();
  await composer(page).fill('an ans');
  await page.getByText('Replying to Ben').waitFor();
  await page.reload();
  await page.getByText('Replying to Ben').waitFor();
  await holds(composer(page), 'an ans');
  const other = await browser.window({ person: anna, path });
  await holds(composer(other), 'an ans');
});

test('@ completes names, and who is mentioned is told', async () => {
  const { anna, ben } = await pair();
  const carl = await stack.person('carl', { display_name: 'Carl Brandt' });
  const id = await stack.group(anna, [ben, carl], { title: 'Everybody' });
  const page = await browser.window({ person: anna, path: `/c/${id}` });
  const other = await browser.window({ person: carl, path: '/groups' });
  await composer(page).pressSequentially('ask @br');
  await page.getByRole('option', { name: /Carl Brandt/ }).waitFor();
  await composer(page).press('Enter');
  assert.equal(await composer(page).inputValue(), `ask @${carl.login} `);
  await composer(page).press('Enter');
  await message(page, 'ask').locator('.mention-name', { hasText: '@Carl Brandt' }).waitFor();
  await other.locator('a.conv', { hasText: 'Everybody' }).locator('.pill.mention').waitFor();
});

test('rich text is pasted as markdown, anything else as it is, a link over words makes them a link', async () => {
  const { anna, path } = await pair();
  const page = await browser.window({ person: anna, path });
  await composer(page).waitFor();
  const pasted = async (data: Record<string, string>) => {
    await paste(page, data);
    const text = await composer(page).inputValue();
    await composer(page).selectText();
    return text;
  };
  const html = '<meta charset="utf-8"><p>Please read <a href="https://example.org/">the <strong>plan</strong></a>:</p>'
    + '<ul><li>one<ol><li>deep</li></ol></li><li><code>two</code></li></ul><pre>let x;\n  y;</pre><img src="x" onerror="alert(1)"><script>alert(2)</script>';
  assert.equal(await pasted({ 'text/html': html, 'text/plain': 'Please read the plan' }),
    'Please read [the **plan**](https://example.org/):\n\n- one\n  1. deep\n- `two`\n\n```\nlet x;\n  y;\n```');
  assert.equal(await pasted({ 'text/html': '<div style="font-family: monospace"><span>if (a*b*c)</span></div>', 'text/plain': 'if (a*b*c)\n\treturn;' }), 'if (a*b*c)\n\treturn;');
  assert.equal(await pasted({ 'text/plain': 'bold and more' }), 'bold and more');
  assert.equal(await pasted({ 'text/plain': 'https://example.org/' }), '[bold and more](https://example.org/)');
  await composer(page).press('Enter');
  const made = message(page, 'bold and more').locator('a');
  assert.deepEqual([await made.getAttribute('href'), await made.getAttribute('target')], ['https://example.org/', '_blank']);
});

test('what a message may hold is text: no markup, no script, no foreign address', async () => {
  const { anna, ben, id, path } = await pair();
  await tell(ben, id, '<img src=x onerror=alert(1)> [one](javascript:alert(1)) [two](data:text/html,x) ![three](https://example.org/x.png) <b>four</b>');
  const page = await browser.window({ person: anna, path });
  await message(page, 'four').waitFor();
  assert.deepEqual(await message(page, 'four').locator('.markdown').evaluate((box) => [...box.querySelectorAll('*')].map((one) => one.outerHTML)
    .filter((html) => !html.startsWith('<p'))), ['<a href="https://example.org/x.png" target="_blank" rel="noopener noreferrer nofollow">three</a>']);

  await tell(ben, id, 'one line  \nand another\nand  a third');
  const text = message(page, 'a third').locator('.markdown p');
  assert.equal(await text.innerText(), 'one line\nand another\nand  a third');
  assert.equal(await text.evaluate((box) => Math.round(box.clientHeight / parseFloat(getComputedStyle(box).lineHeight))), 3);
});

test('what is written from right to left is laid out so, lists and quotes as well', async () => {
  const { anna, ben, id, path } = await pair();
  await tell(ben, id, 'שלום Anna\n\n- אחת\n- two\n\n> ציטוט\n\nLatin again');
  const page = await browser.window({ person: anna, path });
  const blocks = message(page, 'Latin again').locator('.markdown > *');
  await blocks.first().waitFor();
  assert.deepEqual(await blocks.evaluateAll((all) => all.map((one) => `${one.localName} ${getComputedStyle(one).direction}`)), ['p rtl', 'ul rtl', 'blockquote rtl', 'p ltr']);
});

test('several messages are copied as text that says who, when and what', async () => {
  const { anna, ben, id, path } = await pair();
  await tell(ben, id, 'First **thing**');
  await tell(anna, id, 'Second\nthing');
  await tell(ben, id, 'not this one');
  const context = await browser.context({ person: anna });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await browser.tab(context, { path });
  await bySeq(page, 1).waitFor();
  await page.evaluate(() => {
    const [from, to] = [1, 2].map((seq) => document.querySelector(`[data-seq="${seq}"] .markdown p`)!);
    document.getSelection()!.setBaseAndExtent(from!, 0, to!, to!.childNodes.length);
  });
  await page.keyboard.press('Control+c');
  const text = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(text.replace(/\r\n/g, '\n'), /^Ben, \d?\d:\d\d[^\n]*\nFirst \*\*thing\*\*\n\nAnna, \d?\d:\d\d[^\n]*\nSecond\nthing\n$/);
});

test('what was copied out of a message keeps its code', async () => {
  const { anna, path } = await pair();
  const context = await browser.context({ person: anna });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await browser.tab(context, { path });
  await say(page, '```js\nlet x = 1;\n\treturn x;\n```');
  await message(page, 'let x').locator('.ticks.sent').waitFor();
  await message(page, 'let x').hover();
  await message(page, 'let x').getByRole('button', { name: 'Copy' }).click();
  await page.locator('.toast', { hasText: 'Copied' }).waitFor();
  assert.equal((await page.evaluate(() => navigator.clipboard.readText())).replace(/\r\n/g, '\n'), 'let x = 1;\n\treturn x;');
});
