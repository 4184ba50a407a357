// SPDX-License-Identifier: Apache-2.0
//
// Addresses. Each conversation and panel has one; this file turns a path into a
// Route and a Route into a path, and owns history.pushState. A `next` address
// (kept while somebody logs in) is accepted only as a path of this origin.

import { computed, signal } from '@preact/signals';

export type Panel = 'members' | 'details';

export type Route =
  | { name: 'home' }
  | { name: 'conversation'; id: string; seq?: number; panel?: Panel }
  | { name: 'groups' }
  | { name: 'newDirect' }
  | { name: 'newGroup' }
  | { name: 'account' }
  | { name: 'login' }
  | { name: 'register'; invite?: string }
  | { name: 'unknown' };

const patterns: [RegExp, (match: RegExpExecArray) => Route][] = [
  [/^\/$/, () => ({ name: 'home' })],
  [/^\/c\/(\d+)$/, ([, id]) => ({ name: 'conversation', id: id! })],
  [/^\/c\/(\d+)\/(members|details)$/, ([, id, panel]) => ({ name: 'conversation', id: id!, panel: panel as Panel })],
  [/^\/c\/(\d+)\/([1-9]\d{0,14})$/, ([, id, seq]) => ({ name: 'conversation', id: id!, seq: Number(seq) })],
  [/^\/groups$/, () => ({ name: 'groups' })],
  [/^\/new$/, () => ({ name: 'newDirect' })],
  [/^\/groups\/new$/, () => ({ name: 'newGroup' })],
  [/^\/account$/, () => ({ name: 'account' })],
  [/^\/login$/, () => ({ name: 'login' })],
  [/^\/register$/, () => ({ name: 'register' })],
  [/^\/invite\/([^/]+)$/, ([, invite]) => ({ name: 'register', invite: decode(invite!) })],
];

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parsePath(path: string): Route {
  for (const [pattern, make] of patterns) {
    const match = pattern.exec(path);
    if (match) return make(match);
  }
  return { name: 'unknown' };
}

export const paths = {
  home: '/',
  groups: '/groups',
  newDirect: '/new',
  newGroup: '/groups/new',
  account: '/account',
  login: '/login',
  register: '/register',
  conversation: (id: string, panel?: Panel) => (panel ? `/c/${id}/${panel}` : `/c/${id}`),
  message: (id: string, seq: number) => `/c/${id}/${seq}`,
};

const address = signal(currentAddress());

/** Grows with each navigation, so that the same address can be gone to twice. */
export const navigation = signal(0);
export const route = computed<Route>(() => parsePath(address.value.path));
/** Which of the columns a phone shows. */
export const column = computed<'list' | 'main' | 'panel'>(() => {
  const at = route.value;
  if (at.name === 'home') return 'list';
  return at.name === 'conversation' && at.panel ? 'panel' : 'main';
});
export const search = computed(() => new URLSearchParams(address.value.search));

function currentAddress(): { path: string; search: string } {
  const { pathname, search: query } = globalThis.location;
  return { path: pathname, search: query };
}

function read(): void {
  const now = currentAddress();
  const was = address.peek();
  if (now.path !== was.path || now.search !== was.search) address.value = now;
  navigation.value += 1;
}

/** What an entry of the browser's history knows of where it was come from. */
interface Entry {
  from?: string;
}

export function navigate(to: string, how: { replace?: boolean } = {}): void {
  const here = location.pathname + location.search;
  const entry: Entry = how.replace || to === here ? ((history.state as Entry | null) ?? {}) : { from: here };
  if (how.replace || to === here) history.replaceState(entry, '', to);
  else history.pushState(entry, '', to);
  read();
}

/** One level up: a step back when the person came from there, else in place. */
export function goUp(to: string): void {
  if ((history.state as Entry | null)?.from === to) history.back();
  else navigate(to, { replace: true });
}

/** Opens a conversation's panel; one panel after the other is one step back. */
export function openPanel(id: string, panel: Panel): void {
  const now = route.peek();
  navigate(paths.conversation(id, panel), { replace: now.name === 'conversation' && now.id === id && now.panel !== undefined });
}

export function closePanel(id: string): void {
  goUp(paths.conversation(id));
}

/** The path to go on to after a login: of this origin only, and no login page. */
export function safeNext(next: string | null): string {
  if (!next || !next.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/';
  let url: URL;
  try {
    url = new URL(next, location.origin);
  } catch {
    return '/';
  }
  if (url.origin !== location.origin) return '/';
  const { name } = parsePath(url.pathname);
  return name === 'login' || name === 'register' || name === 'unknown' ? '/' : url.pathname + url.search;
}

export function loginPath(): string {
  const here = location.pathname + location.search;
  return here === '/' || parsePath(location.pathname).name === 'login' ? paths.login : `${paths.login}?next=${encodeURIComponent(here)}`;
}

/** Follows plain clicks on links of this origin without loading a page. */
function onClick(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  const link = (event.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null;
  if (!link || (link.target && link.target !== '_self') || link.hasAttribute('download')) return;
  const url = new URL(link.href, location.href);
  if (url.origin !== location.origin || parsePath(url.pathname).name === 'unknown') return;
  event.preventDefault();
  navigate(url.pathname + url.search);
}

export function startRouter(): void {
  addEventListener('popstate', read);
  document.addEventListener('click', onClick);
}
