// SPDX-License-Identifier: Apache-2.0
//
// The edge by which a column's width is dragged, or moved with arrow keys.

import type { Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { t } from '../strings/index.ts';

export interface ResizerProps {
  width: Signal<number>;
  least: number;
  most: number;
  initial: number;
  /** Which side of the column the edge is on. */
  edge: 'start' | 'end';
  label: string;
}

export function Resizer({ width, least, most, initial, edge, label }: ResizerProps) {
  const from = useRef<{ x: number; width: number } | null>(null);
  const sign = edge === 'end' ? 1 : -1;
  const set = (value: number) => (width.value = Math.round(Math.max(least, Math.min(most, value))));
  const down = (event: PointerEvent) => {
    event.preventDefault();
    (event.currentTarget as Element).setPointerCapture(event.pointerId);
    (event.currentTarget as Element).classList.add('held');
    from.current = { x: event.clientX, width: width.peek() };
  };
  const move = (event: PointerEvent) => {
    if (from.current) set(from.current.width + sign * (event.clientX - from.current.x));
  };
  const up = (event: PointerEvent) => {
    from.current = null;
    (event.currentTarget as Element).classList.remove('held');
  };
  const key = (event: KeyboardEvent) => {
    const step = { ArrowLeft: -16, ArrowRight: 16 }[event.key];
    if (!step) return;
    event.preventDefault();
    set(width.peek() + sign * step);
  };
  return (
    <div
      class="resizer"
      role="separator"
      aria-orientation="vertical"
      aria-label={t.resize(label)}
      aria-valuenow={width.value}
      aria-valuemin={least}
      aria-valuemax={most}
      tabIndex={0}
      onPointerDown={down}
      onPointerMove={move}
      onPointerUp={up}
      onPointerCancel={up}
      onDblClick={() => set(initial)}
      onKeyDown={key}
    />
  );
}
