// SPDX-License-Identifier: Apache-2.0
//
// Copying several messages gives text that can be read: who, when, what.

import type { TimelineItem } from '../../client/index.ts';
import { exactly, when } from '../lib/dates.ts';
import { client, nameOf } from '../state/client.ts';
import { systemText } from '../ui/system.tsx';
import { t } from '../strings/index.ts';

function asText({ message, entry }: TimelineItem): string {
  if (!message) return `${client.account.peek()?.display_name ?? ''}, ${when(entry.created)}\n${entry.body}`;
  if (message.kind === 'system') return systemText(message);
  const head = `${nameOf(message.sender)}, ${when(Date.parse(message.time)) || exactly(Date.parse(message.time))}`;
  return `${head}\n${message.deleted ? t.message.deleted : message.body}`;
}

/** For the copy event of a list of rows that carry data-key. */
export function copySelection(event: ClipboardEvent, items: readonly TimelineItem[]): void {
  const selection = document.getSelection();
  if ((event.target as Element).closest?.('textarea, input')) return;
  if (!selection || selection.isCollapsed || !event.clipboardData) return;
  const rows = [...(event.currentTarget as Element).querySelectorAll<HTMLElement>('[data-key]')];
  const keys = new Set(rows.filter((row) => selection.containsNode(row, true)).map((row) => row.dataset.key));
  if (keys.size < 2) return;
  event.clipboardData.setData('text/plain', `${items.filter((item) => keys.has(item.key)).map(asText).join('\n\n')}\n`);
  event.preventDefault();
}
