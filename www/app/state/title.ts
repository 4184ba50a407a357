// SPDX-License-Identifier: Apache-2.0
//
// The window's title and icon tell what is unread.

import { computed, effect, signal } from '@preact/signals';
import { route } from '../lib/router.ts';
import { t } from '../strings/index.ts';
import { client, titleOf } from './client.ts';

/** The title of a page that is not a conversation; '' for none. */
export const pageTitle = signal('');

const title = computed(() => {
  const at = route.value;
  const conversation = at.name === 'conversation' ? client.conversation(at.id).value : undefined;
  const name = conversation ? titleOf(conversation) : pageTitle.value;
  const page = name ? `${name} · ${t.app}` : t.app;
  const { unread } = client.totals.value;
  return unread > 0 ? t.notice.page(unread, page) : page;
});

const size = 64;

/** Draws the icon with a badge: amber with a number for mentions, a plain dot for other unread. */
function drawIcon(image: HTMLImageElement, mentions: number, unread: number): string {
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const pen = canvas.getContext('2d');
  if (!pen) return image.src;
  pen.drawImage(image, 0, 0, size, size);
  if (unread > 0 || mentions > 0) {
    const radius = mentions ? 20 : 13;
    pen.beginPath();
    pen.arc(size - radius, radius, radius, 0, 2 * Math.PI);
    pen.fillStyle = mentions ? '#f2b13c' : '#e5484d';
    pen.fill();
  }
  if (mentions > 0) {
    pen.fillStyle = '#3a2500';
    pen.font = `700 ${mentions > 9 ? 24 : 30}px system-ui, sans-serif`;
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.fillText(mentions > 9 ? '9+' : String(mentions), size - 20, 22);
  }
  return canvas.toDataURL('image/png');
}

export function startTitle(): void {
  effect(() => {
    const { value: phase } = client.phase;
    if (phase === 'in' || phase === 'expired') document.title = title.value;
  });
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  if (!link) return;
  const plain = link.href;
  const image = new Image(size, size);
  const ready = signal(false);
  image.addEventListener('load', () => (ready.value = true));
  image.src = plain;
  const badge = computed(() => {
    const { mentions, unread } = client.totals.value;
    return { mentions: Math.min(mentions, 10), unread: Math.min(unread, 1) };
  });
  const shape = computed(() => `${badge.value.mentions}/${badge.value.unread}`);
  effect(() => {
    void shape.value;
    if (!ready.value) return;
    const { mentions, unread } = badge.peek();
    const drawn = mentions || unread;
    link.type = drawn ? 'image/png' : 'image/svg+xml';
    link.href = drawn ? drawIcon(image, mentions, unread) : plain;
  });
}
