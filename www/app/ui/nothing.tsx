// SPDX-License-Identifier: Apache-2.0
//
// The place of something that is empty, gone or failed: one sentence and the one
// action that helps.

import type { ComponentChildren } from 'preact';
import type { IconNode } from 'lucide';
import { Icon } from './icon.tsx';

export interface NothingProps {
  title?: string;
  about?: string;
  icon?: IconNode;
  action?: { label: string; run: () => void } | undefined;
  class?: string;
  alert?: boolean;
  /** More than one action. */
  children?: ComponentChildren;
}

export function Nothing({ title, about, icon, action, class: extra = '', alert, children }: NothingProps) {
  return (
    <div class={`nothing ${extra}`} role={alert ? 'alert' : undefined}>
      {icon && <Icon icon={icon} size={32} />}
      {title && <h2>{title}</h2>}
      {about && <p>{about}</p>}
      {action && (
        <button type="button" class="button" onClick={action.run}>
          {action.label}
        </button>
      )}
      {children}
    </div>
  );
}
