// SPDX-License-Identifier: Apache-2.0
//
// The frame of the pages outside of the application: log in, register, choose a
// password.

import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../strings/index.ts';

export function Gate({ title, about, children }: { title: string; about?: string; children: ComponentChildren }) {
  const box = useRef<HTMLElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t.app}`;
    box.current?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
  }, [title]);
  return (
    <main class="gate" ref={box}>
      <div class="gate-card">
        <img class="gate-logo" src="/icon.svg" width={48} height={48} alt="" />
        <h1>{title}</h1>
        {about && <p class="muted">{about}</p>}
        {children}
      </div>
    </main>
  );
}

export function ProblemBox({ text }: { text: string | undefined }) {
  return text ? (
    <p class="problem-box" role="alert">
      {text}
    </p>
  ) : null;
}
