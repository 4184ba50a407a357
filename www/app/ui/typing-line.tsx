// SPDX-License-Identifier: Apache-2.0
//
// Who is typing, on a line of its own that is always there, so nothing moves.

import { client, nameOf } from '../state/client.ts';
import { t } from '../strings/index.ts';

function words(ids: readonly string[]): string {
  const [first, second] = ids;
  if (!first) return '';
  if (!second) return t.conversation.typingOne(nameOf(first));
  return ids.length === 2 ? t.conversation.typingTwo(nameOf(first), nameOf(second)) : t.conversation.typingMany;
}

export function TypingLine({ id }: { id: string }) {
  const text = words(client.typing(id).value);
  return (
    <p class="typing-line one-line" aria-live="polite">
      {text && (
        <>
          <span class="typing-dots" aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span dir="auto">{text}</span>
        </>
      )}
    </p>
  );
}
