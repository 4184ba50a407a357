// SPDX-License-Identifier: Apache-2.0
//
// Reads new messages of the open conversation to screen readers, each once. The
// timeline itself is silent, since rows come and go in it while scrolling.

import { useEffect, useState } from 'preact/hooks';
import { plainLine } from '../lib/markdown.ts';
import { client, nameOf } from '../state/client.ts';

export function Announcer({ id }: { id: string }) {
  const [text, setText] = useState('');
  useEffect(
    () =>
      client.onArrival(({ message, own, late }) => {
        if (message.conversation !== id || own || late || message.kind !== 'text') return;
        setText(`${nameOf(message.sender)}: ${plainLine(message.body)}`);
      }),
    [id],
  );
  return (
    <p class="unseen" aria-live="polite">
      {text}
    </p>
  );
}
