// SPDX-License-Identifier: Apache-2.0
//
// Windows of a real browser on a stack: one Chromium a stack, one context a person or device. A page error, a CSP
// violation or a request to another host fails the test, with a screenshot of each window.
//
//   const browser = useBrowser(stack);
//   const ada = await browser.window({ person });      // logged in, at the list of conversations

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before } from 'node:test';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Locator, type Page } from 'playwright-core';
import { ROOT } from '../lib/cluster.ts';
import { expectStatus } from '../lib/http.ts';
import type { Fault } from '../lib/proxy.ts';
import type { Person, Stack } from '../lib/stack.ts';
import { PATIENCE, until } from '../lib/wait.ts';

const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
  '--host-resolver-rules=MAP parley.test 127.0.0.1'];
const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell';
export const SHOTS = join(ROOT, 'build/screenshots');
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

/** What the browser itself says when the network fails, which some tests cause on purpose, or is plain HTTP. */
const NETWORK = /net::ERR_|WebSocket connection to|Failed to load resource|Cross-Origin-Opener-Policy header has been ignored/;

export interface WindowOptions {
  /** Log in as this person (over the HTTP interface, so that the page starts logged in). */
  person?: Person;
  path?: string;
  /** Where the page is loaded from: the stack itself, a proxy before it, another host name. */
  origin?: string;
  context?: BrowserContextOptions;
}

export class Windows {
  #stack: Stack;
  #browser: Browser | undefined;
  #contexts: BrowserContext[] = [];
  #troubles: string[] = [];

  constructor(stack: Stack) {
    this.#stack = stack;
  }

  async start(): Promise<void> {
    this.#browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS });
  }

  /** A device of its own: cookies, storage and all. */
  async context({ person, origin, context }: WindowOptions = {}): Promise<BrowserContext> {
    this.#stack.beforeStop(this.stop);
    const made = await this.#browser!.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...context });
    made.setDefaultTimeout(PATIENCE);
    this.#contexts.push(made);
    if (person) {
      const answer = await made.request.post(`${origin ?? this.#stack.url}/api/login`, { data: { login: person.login, password: person.password } });
      if (answer.status() !== 200) throw new Error(`login of ${person.login}: ${answer.status()} ${await answer.text()}`);
    }
    return made;
  }

  /** A tab in a context, watched for whatever must not happen. */
  async tab(context: BrowserContext, { path = '/', origin = this.#stack.url }: WindowOptions = {}): Promise<Page> {
    const page = await context.newPage();
    page.on('pageerror', (error) => this.#troubles.push(`page error: ${error.stack ?? error.message}`));
    page.on('console', (line) => {
      if (line.type() === 'error' && !NETWORK.test(line.text())) this.#troubles.push(`console: ${line.text()}`);
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (/^(https?|wss?):$/.test(url.protocol) && url.host !== new URL(origin).host) this.#troubles.push(`request to another host: ${url.href}`);
    });
    await page.goto(origin + path);
    return page;
  }

  async window(options: WindowOptions = {}): Promise<Page> {
    return this.tab(await this.context(options), options);
  }

  /** How much has gone wrong since the last test. */
  get troubles(): number {
    return this.#troubles.length;
  }

  /** After each test: throws what went wrong in any window, keeping a picture of each; closes them. */
  async finish(name: string): Promise<void> {
    const troubles = this.#troubles.splice(0);
    const contexts = this.#contexts.splice(0);
    if (troubles.length > 0 || process.env.PARLEY_TEST_SHOTS) await shoot(contexts, name);
    await Promise.all(contexts.map((context) => context.close()));
    if (troubles.length > 0) throw new Error(`${troubles.join('\n')}\nscreenshots are in ${SHOTS}`);
  }

  /** Ends the browser; a stack that stops does so too. */
  readonly stop = async (): Promise<void> => this.#browser?.close();
}

async function shoot(contexts: BrowserContext[], name: string): Promise<void> {
  mkdirSync(SHOTS, { recursive: true });
  let number = 0;
  for (const page of contexts.flatMap((context) => context.pages())) {
    number += 1;
    await page.screenshot({ path: join(SHOTS, `${name.replace(/\W+/g, '-')}-${number}.png`) }).catch(() => {});
  }
}

const used = new Map<Stack, Windows>();

/** A browser for the tests of one file; files that share a stack share it too. */
export function useBrowser(stack: Stack): Windows {
  const there = used.get(stack);
  if (there) return there;
  const windows = new Windows(stack);
  used.set(stack, windows);
  before(() => windows.start());
  afterEach((context) => windows.finish(context.name));
  after(windows.stop);
  return windows;
}

// ---- what a person does -------------------------------------------------------------------------------------------

export const composer = (page: Page) => page.locator('.composer textarea');
export const message = (page: Page, text: string | RegExp) => page.locator('.message', { hasText: text });

export const bySeq = (page: Page, seq: number) => page.locator(`[data-seq="${seq}"]`);

/** A message by somebody who has no window. */
export async function tell(person: Person, conversation: string, body: string, more: Record<string, unknown> = {}): Promise<void> {
  expectStatus(await person.post('/api/messages', { ref: crypto.randomUUID(), conversation, body, ...more }), 201);
}

/** Chooses something from the menu of a message. */
export async function act(page: Page, text: string | RegExp, item: string): Promise<void> {
  await message(page, text).hover();
  await message(page, text).getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: item, exact: true }).click();
}

/** Writes a message and sends it with Enter. */
export async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

/** Waits until the server has a message of one's own. */
export async function handedOver(page: Page, text: string, timeout = PATIENCE): Promise<void> {
  await message(page, text).locator('.ticks.sent, .ticks.received, .ticks.read').waitFor({ timeout });
}

/** Fills in the login page. */
export async function logIn(page: Page, { login, password }: { login: string; password: string }): Promise<void> {
  await page.getByLabel('Login name').fill(login);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Log in' }).click();
}

/** Fills in the page for a new account. */
export async function register(page: Page, login: string): Promise<void> {
  await page.getByLabel('Your name').fill(`Name of ${login}`);
  await page.getByLabel('Login name').fill(login);
  await page.getByLabel('Password', { exact: true }).fill(`a password for ${login}`);
  await page.getByRole('button', { name: 'Create account' }).click();
}

/** Waits until a field holds this text. */
export async function holds(field: Locator, text: string): Promise<void> {
  await until(`the text "${text}"`, async () => (await field.inputValue()) === text);
}

/** The network is back, and the browser tells its pages so, as it does when a cable is plugged in. */
export async function backOnline(proxy: { fault: Fault }, ...pages: Page[]): Promise<void> {
  proxy.fault = 'none';
  await Promise.all(pages.map((page) => page.evaluate(() => dispatchEvent(new Event('online')))));
}

/** The texts of the messages in the page, in order. */
export async function texts(page: Page): Promise<string[]> {
  return page.locator('.message .markdown').allInnerTexts();
}
