// SPDX-License-Identifier: Apache-2.0
//
// One quiet line about the connection at the foot of the side bar. "Connected"
// goes away after two seconds; "Connected over HTTP" and "Offline" stay.

import { useEffect, useState } from 'preact/hooks';
import { client } from '../state/client.ts';
import { t } from '../strings/index.ts';

const shownMs = 2000;

interface Line {
  tone: 'good' | 'wait' | 'off';
  text: string;
  brief?: boolean;
  connect?: boolean;
}

function lineNow(): Line {
  const link = client.connection.value;
  const { waiting } = client.totals.value;
  if (link.state === 'connected') {
    return link.over === 'http' ? { tone: 'good', text: t.link.poll } : { tone: 'good', text: t.link.connected, brief: true };
  }
  if (link.state === 'offline') return { tone: 'off', text: waiting ? t.link.waiting(waiting) : t.link.offline };
  if (link.state === 'stopped' && link.reason === 'too_many') return { tone: 'off', text: t.link.tooMany, connect: true };
  if (link.state === 'stopped' && link.reason === 'refused') return { tone: 'off', text: t.link.stopped };
  return { tone: 'wait', text: waiting ? t.link.sending(waiting) : t.link.connecting };
}

export function LinkLine() {
  const { tone, text, brief, connect } = lineNow();
  const [gone, setGone] = useState(false);
  useEffect(() => {
    setGone(false);
    if (!brief) return undefined;
    const timer = setTimeout(() => setGone(true), shownMs);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <div class={`link-line ${tone}${brief && gone ? ' gone' : ''}`} role="status">
      <span class="link-mark" aria-hidden="true" />
      <span class="one-line">{text}</span>
      {connect && (
        <button type="button" class="link-button" onClick={() => client.connect()}>
          {t.link.connect}
        </button>
      )}
    </div>
  );
}
