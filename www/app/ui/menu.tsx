// SPDX-License-Identifier: Apache-2.0
//
// A menu that floats at a button (or, on a phone, comes up from the foot of the
// screen). Arrow keys move, Enter chooses, Esc and a click elsewhere close; the
// focus goes back to where it was.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { IconNode } from 'lucide';
import { Icon } from './icon.tsx';

export interface MenuProps {
  label: string;
  /** The element the menu belongs to, or a point of the screen. */
  at: Element | { x: number; y: number };
  onClose: () => void;
  children: ComponentChildren;
}

const gap = 4;
const edge = 8;

function place(menu: HTMLElement, at: MenuProps['at']): void {
  const box = 'x' in at ? new DOMRect(at.x, at.y, 0, 0) : at.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const below = box.bottom + gap + height <= innerHeight - edge;
  const above = box.top - gap - height >= edge;
  const top = below || !above ? Math.min(box.bottom + gap, innerHeight - edge - height) : box.top - gap - height;
  const startsRight = box.left + width > innerWidth - edge;
  const left = startsRight ? box.right - width : box.left;
  menu.style.setProperty('top', `${Math.max(edge, top)}px`);
  menu.style.setProperty('left', `${Math.max(edge, Math.min(left, innerWidth - edge - width))}px`);
}

export function moveFocus(within: Element, selector: string, event: KeyboardEvent): boolean {
  const items = [...within.querySelectorAll<HTMLElement>(selector)].filter((item) => !(item as HTMLButtonElement).disabled);
  const now = items.indexOf(document.activeElement as HTMLElement);
  const steps: Record<string, number> = { ArrowDown: now + 1, ArrowUp: now < 0 ? items.length - 1 : now - 1, Home: 0, End: items.length - 1 };
  const next = steps[event.key];
  if (next === undefined || items.length === 0) return false;
  event.preventDefault();
  items[(next + items.length) % items.length]!.focus();
  return true;
}

export function Menu({ label, at, onClose, children }: MenuProps) {
  const menu = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (menu.current) place(menu.current, at);
  });
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    menu.current?.querySelector<HTMLElement>('[role^=menuitem]:not(:disabled)')?.focus();
    const outside = (event: Event) => {
      if (menu.current?.contains(event.target as Node)) return;
      onClose();
      if (at instanceof Element && at.contains(event.target as Node)) event.stopPropagation();
    };
    const leave = () => onClose();
    addEventListener('pointerdown', outside, true);
    addEventListener('resize', leave);
    return () => {
      removeEventListener('pointerdown', outside, true);
      removeEventListener('resize', leave);
      if (before?.isConnected && (document.activeElement === document.body || !document.activeElement)) before.focus({ preventScroll: true });
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'Escape' || event.key === 'Tab') {
      event.preventDefault();
      onClose();
    } else if (menu.current) moveFocus(menu.current, '[role^=menuitem]', event);
  };
  return (
    <div class="menu" role="menu" aria-label={label} ref={menu} onKeyDown={onKeyDown} onClick={onClose}>
      {children}
    </div>
  );
}

export interface MenuItemProps {
  icon?: IconNode;
  onSelect: () => void;
  children: ComponentChildren;
  about?: string;
  danger?: boolean;
  checked?: boolean;
  disabled?: boolean;
}

export function MenuItem({ icon, onSelect, children, about, danger, checked, disabled }: MenuItemProps) {
  return (
    <button
      type="button"
      class={`menu-item${danger ? ' danger' : ''}`}
      role={checked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={checked}
      tabIndex={-1}
      disabled={disabled}
      onClick={onSelect}
    >
      {icon && <Icon icon={icon} />}
      <span class="grow">
        {children}
        {about && <span class="about">{about}</span>}
      </span>
      {checked && <span aria-hidden="true">✓</span>}
    </button>
  );
}
