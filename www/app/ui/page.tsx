// SPDX-License-Identifier: Apache-2.0
//
// The frame of a page in the main column that is not a conversation.

import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { pageTitle } from '../state/title.ts';
import { BackToList } from './conversation.tsx';

export function Page({ title, children, tools }: { title: string; children: ComponentChildren; tools?: ComponentChildren }) {
  useEffect(() => {
    pageTitle.value = title;
    return () => {
      pageTitle.value = '';
    };
  }, [title]);
  return (
    <main class="main">
      <header class="bar">
        <BackToList />
        <h1 class="grow one-line">{title}</h1>
        {tools}
      </header>
      <div class="page-scroll">
        <div class="page">{children}</div>
      </div>
    </main>
  );
}
