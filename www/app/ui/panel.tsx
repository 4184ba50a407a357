// SPDX-License-Identifier: Apache-2.0
//
// The right panel of a conversation: members or details, one at a time.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { ArrowLeft, X } from 'lucide';
import { type Panel as PanelName, closePanel } from '../lib/router.ts';
import { client } from '../state/client.ts';
import { panelWidth } from '../state/prefs.ts';
import { isPhone } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { DetailsPanel } from './details.tsx';
import { Icon } from './icon.tsx';
import { MembersPanel } from './members.tsx';
import { Resizer } from './resizer.tsx';
import { ListSkeleton } from './skeleton.tsx';

const titles: Record<PanelName, string> = { members: t.members.title, details: t.details.title };

function Frame({ id, title, children }: { id: string; title: string; children: ComponentChildren }) {
  const panel = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    if (isPhone.peek()) return undefined;
    const [box, before] = [panel.current, document.activeElement as HTMLElement];
    box?.focus({ preventScroll: true });
    return () => {
      const now = document.activeElement;
      if (now !== document.body && !box?.contains(now)) return;
      const back = before.isConnected && before !== document.body ? before : document.querySelector<HTMLElement>('.composer textarea');
      back?.focus({ preventScroll: true });
    };
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.preventDefault();
    closePanel(id);
  };
  return (
    <aside class="panel" aria-label={title} tabIndex={-1} ref={panel} onKeyDown={onKeyDown}>
      <header class="bar">
        <button type="button" class="icon-button only-phone" aria-label={t.back} onClick={() => closePanel(id)}>
          <Icon icon={ArrowLeft} size={22} />
        </button>
        <h2 class="grow one-line">{title}</h2>
        <button type="button" class="icon-button only-desk" aria-label={t.close} title={t.close} onClick={() => closePanel(id)}>
          <Icon icon={X} />
        </button>
      </header>
      <div class="panel-body">{children}</div>
      <Resizer width={panelWidth} least={280} most={560} initial={360} edge="start" label={title} />
    </aside>
  );
}

export function Panel({ id, panel }: { id: string; panel: PanelName }) {
  const conversation = client.conversation(id).value;
  return (
    <Frame id={id} title={titles[panel]}>
      {!conversation ? <ListSkeleton /> : panel === 'members' ? <MembersPanel conversation={conversation} /> : <DetailsPanel conversation={conversation} />}
    </Frame>
  );
}
