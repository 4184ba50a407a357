// SPDX-License-Identifier: Apache-2.0
//
// The formatting buttons of the composer, and the keys that do the same.

import type { IconNode } from 'lucide';
import { AtSign, Bold, Code, Italic, Link, List, ListOrdered, Quote, SquareCode, Strikethrough } from 'lucide';
import { codeBlock, insertText, makeLink, prefixLines, wrapSelection } from '../lib/editing.ts';
import { t } from '../strings/index.ts';
import { Icon } from './icon.tsx';

interface Format {
  icon: IconNode;
  label: string;
  run: (field: HTMLTextAreaElement) => void;
  key?: string;
  shift?: boolean;
  apart?: boolean;
}

const formats: Format[] = [
  { icon: Bold, label: t.composer.bold, run: (field) => wrapSelection(field, '**'), key: 'b' },
  { icon: Italic, label: t.composer.italic, run: (field) => wrapSelection(field, '_'), key: 'i' },
  { icon: Strikethrough, label: t.composer.strike, run: (field) => wrapSelection(field, '~~'), key: 'x', shift: true },
  { icon: Link, label: t.composer.link, run: (field) => makeLink(field), key: 'u', shift: true, apart: true },
  { icon: List, label: t.composer.list, run: (field) => prefixLines(field, () => '- ', /^- /), key: '8', shift: true },
  { icon: ListOrdered, label: t.composer.numbered, run: (field) => prefixLines(field, (line) => `${line + 1}. `, /^\d+\. /), key: '7', shift: true },
  { icon: Quote, label: t.composer.quote, run: (field) => prefixLines(field, () => '> ', /^> /), key: '9', shift: true },
  { icon: Code, label: t.composer.code, run: (field) => wrapSelection(field, '`'), key: 'e', apart: true },
  { icon: SquareCode, label: t.composer.codeBlock, run: codeBlock, key: 'e', shift: true },
  { icon: AtSign, label: t.composer.mention, run: mention, apart: true },
];

function mention(field: HTMLTextAreaElement): void {
  const before = field.value.slice(0, field.selectionStart);
  insertText(field, before && !/\s$/.test(before) ? ' @' : '@');
}

export function formatKey(event: KeyboardEvent, field: HTMLTextAreaElement): boolean {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return false;
  const pressed = event.code.startsWith('Digit') ? event.code.slice(5) : event.key.toLowerCase();
  const found = formats.find(({ key, shift }) => key === pressed && !!shift === event.shiftKey);
  if (!found) return false;
  event.preventDefault();
  found.run(field);
  return true;
}

export function FormatBar({ field }: { field: { current: HTMLTextAreaElement | null } }) {
  return (
    <div class="format-bar" role="toolbar" aria-label={t.composer.formatting}>
      {formats.map(({ icon, label, run, apart }) => (
        <button
          type="button"
          key={label}
          class={`icon-button${apart ? ' apart' : ''}`}
          aria-label={label}
          title={label}
          tabIndex={-1}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => field.current && run(field.current)}
        >
          <Icon icon={icon} size={16} />
        </button>
      ))}
    </div>
  );
}
