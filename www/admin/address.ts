// SPDX-License-Identifier: Apache-2.0
//
// The address of what is shown: the tab in the path, filters in the query, so that both can be linked and gone back to.

import { computed, signal } from '@preact/signals';

export const TABS = ['people', 'invites', 'relays', 'record'] as const;
export type Tab = (typeof TABS)[number];

const here = signal(location.pathname + location.search);

export const tab = computed<Tab>(() => {
  const name = here.value.replace(/^\/admin\/?|\?.*$/g, '');
  return TABS.find((one) => one === name) ?? 'people';
});
export const query = computed(() => new URLSearchParams(here.value.split('?')[1] ?? ''));

export const pathOf = (one: Tab): string => (one === 'people' ? '/admin/' : `/admin/${one}`);

export function go(path: string, replace = false): void {
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  here.value = path;
}

/** Changes filters of the present tab; empty ones leave the address. */
export function filter(changes: Record<string, string>): void {
  const next = new URLSearchParams(query.peek());
  for (const [key, value] of Object.entries(changes)) {
    if (value) next.set(key, value);
    else next.delete(key);
  }
  const text = next.toString();
  go(pathOf(tab.peek()) + (text ? `?${text}` : ''), true);
}

export function startAddress(): void {
  addEventListener('popstate', () => (here.value = location.pathname + location.search));
}
