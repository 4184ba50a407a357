// SPDX-License-Identifier: Apache-2.0
//
// The frame of the pages outside of the application: log in, register, choose a
// password.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { t } from '../strings/index.ts';

export function Gate({ title, about, children }: { title: string; about?: string; children: ComponentChildren }) {
  const box = useRef<HTMLElement>(null);
  // Before it is painted: who sees the page can type.
  useLayoutEffect(() => {
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

/** There is no way back in by oneself: says who can help. */
export function Forgot({ answer }: { answer: string }) {
  const [open, setOpen] = useState(false);
  return (
    <div class="forgot">
      <button type="button" class="link-button" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t.login.forgot}
      </button>
      {open && <p class="muted small" role="status">{answer}</p>}
    </div>
  );
}

export function ProblemBox({ text }: { text: string | undefined }) {
  return text ? (
    <p class="problem-box" role="alert">
      {text}
    </p>
  ) : null;
}
