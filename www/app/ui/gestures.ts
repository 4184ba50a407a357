// SPDX-License-Identifier: Apache-2.0
//
// A finger on a message: a long press opens its actions, a swipe replies.

import { useEffect } from 'preact/hooks';
import type { Message } from '../../client/index.ts';
import { startReply } from '../actions/compose.ts';
import { openSheet } from './message-actions.tsx';

const pressMs = 450;
const slop = 10;
const replyAt = 64;
const most = 84;

export function useGestures(ref: { current: HTMLElement | null }, message: Message): void {
  useEffect(() => {
    const row = ref.current;
    if (!row || message.deleted) return undefined;
    return listen(row, message);
  }, [message]);
}

function listen(row: HTMLElement, message: Message): () => void {
  let from: { x: number; y: number } | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let swiping = false;
  let pressed = false;
  const direction = getComputedStyle(row).direction === 'rtl' ? -1 : 1;

  const end = () => {
    clearTimeout(timer);
    from = null;
    swiping = false;
    row.classList.remove('swiping', 'will-reply');
    row.style.removeProperty('--swipe');
  };
  const start = (event: TouchEvent) => {
    if (event.touches.length !== 1 || (event.target as Element).closest('textarea, .code-box pre, .table-box')) return;
    pressed = false;
    from = { x: event.touches[0]!.clientX, y: event.touches[0]!.clientY };
    timer = setTimeout(() => {
      end();
      pressed = true;
      document.getSelection()?.removeAllRanges();
      navigator.vibrate?.(8);
      openSheet(message);
    }, pressMs);
  };
  const move = (event: TouchEvent) => {
    if (!from) return;
    const dx = (event.touches[0]!.clientX - from.x) * direction;
    const dy = Math.abs(event.touches[0]!.clientY - from.y);
    if (Math.abs(dx) > slop || dy > slop) clearTimeout(timer);
    if (!swiping && dy > slop) return end();
    if (!swiping && dx < slop * 1.5) return undefined;
    swiping = true;
    event.preventDefault();
    row.classList.add('swiping');
    row.classList.toggle('will-reply', dx >= replyAt);
    row.style.setProperty('--swipe', `${Math.max(0, Math.min(most, dx)) * direction}px`);
    return undefined;
  };
  const finish = (event: TouchEvent) => {
    // the lifted finger is no click on what has opened under it
    if (pressed && event.cancelable) event.preventDefault();
    const reply = row.classList.contains('will-reply');
    end();
    if (reply) startReply(message);
  };
  const noMenu = (event: Event) => {
    if (from) event.preventDefault();
  };

  row.addEventListener('touchstart', start, { passive: true });
  row.addEventListener('touchmove', move, { passive: false });
  row.addEventListener('touchend', finish, { passive: false });
  row.addEventListener('touchcancel', end);
  row.addEventListener('contextmenu', noMenu);
  return () => {
    end();
    row.removeEventListener('touchstart', start);
    row.removeEventListener('touchmove', move);
    row.removeEventListener('touchend', finish);
    row.removeEventListener('touchcancel', end);
    row.removeEventListener('contextmenu', noMenu);
  };
}
