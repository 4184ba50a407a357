// SPDX-License-Identifier: Apache-2.0
//
// One icon of the Lucide set. With `label` it is an image with that name,
// without one it is decoration beside words that say the same.

import { h } from 'preact';
import type { IconNode } from 'lucide';

export interface IconProps {
  icon: IconNode;
  label?: string;
  size?: number;
  class?: string;
}

export function Icon({ icon, label, size = 18, class: extra = '' }: IconProps) {
  return (
    <svg
      class={`icon ${extra}`}
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width={1.75}
      stroke-linecap="round"
      stroke-linejoin="round"
      role={label ? 'img' : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : 'true'}
    >
      {icon.map(([tag, attributes]) => h(tag, attributes as Record<string, string>))}
    </svg>
  );
}
