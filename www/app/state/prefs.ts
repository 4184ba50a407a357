// SPDX-License-Identifier: Apache-2.0
//
// What a person sets for this device: theme, widths, how Enter works. Kept in
// localStorage, shared between tabs, and never needed: where storage is refused
// the defaults serve.

import { effect, signal, type Signal } from '@preact/signals';

const prefix = 'parley.pref.';

function load(key: string): unknown {
  try {
    const text = localStorage.getItem(prefix + key);
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const known = new Map<string, Signal<unknown>>();

function pref<T>(key: string, initial: T): Signal<T> {
  const kept = load(key);
  const value = signal<T>(typeof kept === typeof initial ? (kept as T) : initial);
  known.set(key, value as Signal<unknown>);
  let first = true;
  effect(() => {
    const text = JSON.stringify(value.value);
    if (first) {
      first = false;
      return;
    }
    try {
      localStorage.setItem(prefix + key, text);
    } catch {
      // refused or full: it holds for this page only
    }
  });
  return value;
}

export type Theme = 'system' | 'light' | 'dark';

export const theme = pref<Theme>('theme', 'system');
export const moreContrast = pref('contrast', false);
export const sideWidth = pref('sideWidth', 272);
export const panelWidth = pref('panelWidth', 360);
export const enterSends = pref('enterSends', true);
export const showLastMessages = pref('lastMessages', false);
export const showFormatting = pref('formatting', !matchMedia('(max-width: 719px)').matches);
export const desktopNotices = pref('notices', false);
export const noticeSound = pref('sound', false);
export const closedSections = pref<string[]>('closedSections', []);

function followOtherTabs(event: StorageEvent): void {
  if (!event.key?.startsWith(prefix) || event.newValue === null) return;
  const target = known.get(event.key.slice(prefix.length));
  const value = load(event.key.slice(prefix.length));
  if (target && typeof value === typeof target.peek()) target.value = value;
}

export function startPrefs(): void {
  const root = document.documentElement;
  const wish = matchMedia('(prefers-contrast: more)');
  const contrast = signal(wish.matches);
  wish.addEventListener('change', () => (contrast.value = wish.matches));
  addEventListener('storage', followOtherTabs);
  effect(() => {
    if (theme.value === 'system') delete root.dataset.theme;
    else root.dataset.theme = theme.value;
  });
  effect(() => {
    if (contrast.value || moreContrast.value) root.dataset.contrast = 'more';
    else delete root.dataset.contrast;
  });
  effect(() => {
    root.style.setProperty('--side-width', `${sideWidth.value}px`);
    root.style.setProperty('--panel-width', `${panelWidth.value}px`);
  });
}
