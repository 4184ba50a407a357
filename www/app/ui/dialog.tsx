// SPDX-License-Identifier: Apache-2.0
//
// A modal dialog on the browser's own <dialog>: it traps focus, makes the rest
// inert and closes with Esc. `onClose` is called once, however it closes.

import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { X } from 'lucide';
import { t } from '../strings/index.ts';
import { Icon } from './icon.tsx';

export interface DialogProps {
  title: string;
  onClose: () => void;
  children: ComponentChildren;
  foot?: ComponentChildren;
  class?: string;
  /** Given: the dialog is a form and this is its submission. */
  onSubmit?: () => void;
  /** A dialog that must be answered has no close button and ignores Esc (`closedby`: else the browser heeds a repeated one). */
  firm?: boolean;
}

export function Dialog({ title, onClose, children, foot, class: extra = '', onSubmit, firm }: DialogProps) {
  const box = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useModal(box);

  const cancel = (event: Event) => {
    event.preventDefault();
    if (!firm) onClose();
  };
  const onBackdrop = (event: MouseEvent) => {
    if (event.target === box.current && !firm) onClose();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    onSubmit?.();
  };
  const inside = (
    <>
      <header class="dialog-head">
        <h2 id={heading}>{title}</h2>
        {!firm && (
          <button type="button" class="icon-button" onClick={onClose} aria-label={t.close}>
            <Icon icon={X} />
          </button>
        )}
      </header>
      <div class="dialog-body">{children}</div>
      {foot && <footer class="dialog-foot">{foot}</footer>}
    </>
  );
  return (
    <dialog class={`dialog ${extra}`} ref={box} closedby={firm ? 'none' : 'closerequest'} aria-labelledby={heading} onCancel={cancel} onMouseDown={onBackdrop}>
      {onSubmit ? <form onSubmit={submit} noValidate>{inside}</form> : <div class="dialog-box">{inside}</div>}
    </dialog>
  );
}

/**
 * Shows a <dialog> as modal while mounted and gives the focus back afterwards. It opens before the next key is heard:
 * a Tab in between would move the focus of the page, and the dialog would give it back to the wrong place.
 */
export function useModal(box: { current: HTMLDialogElement | null }): void {
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const element = box.current;
    if (element && !element.open) element.showModal();
    element?.querySelector<HTMLElement>('[data-autofocus]')?.focus();
    return () => {
      element?.close();
      if (before?.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
}
