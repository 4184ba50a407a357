// SPDX-License-Identifier: Apache-2.0
//
// The one component that sets innerHTML: a message's text, made and cleaned by
// lib/markdown.ts and let through by the Trusted Types policy of lib/trusted.ts.

import { useLayoutEffect, useRef } from 'preact/hooks';
import { copyText } from '../lib/clipboard.ts';
import { isOnlyEmoji, type Mentioned, messageHtml } from '../lib/markdown.ts';
import { myId, personOf } from '../state/client.ts';
import { toast } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { openPerson } from './person-card.tsx';

export interface MarkdownProps {
  body: string;
  mentions: readonly string[];
}

function people(ids: readonly string[]): Mentioned[] {
  const found: Mentioned[] = [];
  for (const id of ids) {
    const person = personOf(id);
    if (person) found.push({ id, login: person.login.toLowerCase(), name: person.display_name, me: id === myId() });
  }
  return found;
}

async function onClick(event: MouseEvent): Promise<void> {
  const name = (event.target as Element).closest<HTMLElement>('[data-account]');
  if (name) openPerson(name.dataset.account!, name);
  const button = (event.target as Element).closest('[data-copy]');
  if (!button) return;
  event.preventDefault();
  const code = button.parentElement?.querySelector('code')?.textContent ?? '';
  toast((await copyText(code)) ? t.copied : t.copyFailed);
}

export function Markdown({ body, mentions }: MarkdownProps) {
  const box = useRef<HTMLDivElement>(null);
  const html = messageHtml(body, people(mentions));
  useLayoutEffect(() => {
    if (box.current) box.current.innerHTML = html;
  }, [html]);
  return <div class={`markdown${isOnlyEmoji(body) ? ' big' : ''}`} dir="auto" ref={box} onClick={(event) => void onClick(event)} />;
}
