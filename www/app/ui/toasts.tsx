// SPDX-License-Identifier: Apache-2.0
//
// Short words about what just happened, read out by screen readers.

import { dropToast, toasts } from '../state/screen.ts';

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map(({ id, text, action }) => (
        <div class="toast" key={id}>
          <span dir="auto">{text}</span>
          {action && (
            <button type="button" class="link-button" onClick={() => { dropToast(id); action.run(); }}>
              {action.label}
            </button>
          )}
        </div>
      ))}
    </div>
  );
}
