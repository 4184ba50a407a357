// SPDX-License-Identifier: Apache-2.0
//
// State of the screen that has no address: toasts, open dialogs, what is being
// replied to or edited, whether this is a phone, whether the window is seen.

import { computed, signal } from '@preact/signals';
import type { ComponentChild } from 'preact';
import { route } from '../lib/router.ts';

export interface Toast {
  id: number;
  text: string;
  action?: { label: string; run: () => void };
}

export const toasts = signal<readonly Toast[]>([]);
let lastToast = 0;

export function toast(text: string, action?: Toast['action']): void {
  lastToast += 1;
  const id = lastToast;
  toasts.value = [...toasts.peek().slice(-2), { id, text, ...(action ? { action } : {}) }];
  setTimeout(() => dropToast(id), action ? 8000 : 4000);
}

export function dropToast(id: number): void {
  toasts.value = toasts.peek().filter((one) => one.id !== id);
}

/** The dialog on top, as a function that draws it. */
export const dialog = signal<(() => ComponentChild) | null>(null);

export function openDialog(draw: () => ComponentChild): void {
  dialog.value = draw;
}

export function closeDialog(): void {
  dialog.value = null;
}

export const quickOpen = signal(false);

const phoneQuery = matchMedia('(max-width: 719px)');
export const isPhone = signal(phoneQuery.matches);
phoneQuery.addEventListener('change', () => (isPhone.value = phoneQuery.matches));

/** How many messages were written in this window. */
export const written = signal(0);

/** The window is on the screen and has the focus: what it shows counts as read. */
export const attending = signal(document.visibilityState === 'visible' && document.hasFocus());
export const visible = signal(document.visibilityState === 'visible');

function look(): void {
  visible.value = document.visibilityState === 'visible';
  attending.value = visible.value && document.hasFocus();
}
document.addEventListener('visibilitychange', look);
addEventListener('focus', look);
addEventListener('blur', look);

export const openConversation = computed(() => (route.value.name === 'conversation' ? route.value.id : null));

/** The message of a conversation that is being edited, if any. */
export const editing = signal<{ conversation: string; seq: number } | null>(null);

/** The build that this page came from, and whether the server has a newer one. */
export const upgradeReady = signal(false);
