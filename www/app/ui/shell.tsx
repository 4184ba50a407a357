// SPDX-License-Identifier: Apache-2.0
//
// The application's frame: side bar, main column, panel. On a phone one of them
// at a time, by the address. Owns the keys that work everywhere.

import { useEffect } from 'preact/hooks';
import { column, paths, route } from '../lib/router.ts';
import { client } from '../state/client.ts';
import { isPhone, quickOpen, upgradeReady } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { AccountPage } from './account.tsx';
import { ConversationPage } from './conversation.tsx';
import { Welcome } from './first-steps.tsx';
import { GroupsPage } from './groups.tsx';
import { NewDirectPage } from './new-direct.tsx';
import { NewGroupPage } from './new-group.tsx';
import { Nothing } from './nothing.tsx';
import { Panel } from './panel.tsx';
import { Side } from './side.tsx';
import { navigate } from '../lib/router.ts';

function Main() {
  const at = route.value;
  switch (at.name) {
    case 'conversation':
      return <ConversationPage key={at.id} id={at.id} seq={at.seq} />;
    case 'groups':
      return <GroupsPage />;
    case 'newDirect':
      return <NewDirectPage />;
    case 'newGroup':
      return <NewGroupPage />;
    case 'account':
      return <AccountPage />;
    case 'unknown':
      return (
        <main class="main">
          <Nothing class="fill" title={t.notFound.title} about={t.notFound.about} action={{ label: t.notFound.home, run: () => navigate(paths.home) }} />
        </main>
      );
    default:
      return (
        <main class="main">
          {client.loaded.value && <Welcome class="fill" />}
        </main>
      );
  }
}

/** Goes to the next conversation of the list, or to the next with something unread. */
function step(by: 1 | -1, unread: boolean): void {
  const rows = [...document.querySelectorAll<HTMLElement>('.side-list a.conv')];
  const now = rows.findIndex((row) => row.ariaCurrent === 'page');
  const others = [...rows.slice(now + 1), ...rows.slice(0, Math.max(0, now))];
  const next = (by > 0 ? others : others.toReversed()).find((row) => !unread || row.classList.contains('unread'));
  next?.click();
  next?.scrollIntoView({ block: 'nearest' });
}

function onKey(event: KeyboardEvent): void {
  if (event.altKey && !event.ctrlKey && !event.metaKey && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault();
    step(event.key === 'ArrowDown' ? 1 : -1, event.shiftKey);
  }
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    quickOpen.value = !quickOpen.peek();
  }
}

export function Shell() {
  useEffect(() => {
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  const at = route.value;
  const shown = column.value;
  return (
    <div class="shell" data-column={shown}>
      <a class="skip-link" href="#messages" onClick={skip}>
        {t.skipToMessages}
      </a>
      {upgradeReady.value && (
        <div class="banner" role="status">
          {t.upgrade.ready}
          <button type="button" class="link-button" onClick={() => location.reload()}>
            {t.upgrade.reload}
          </button>
        </div>
      )}
      <Side />
      {(!isPhone.value || shown !== 'list') && <Main />}
      {at.name === 'conversation' && at.panel && <Panel key={at.id + at.panel} id={at.id} panel={at.panel} />}
    </div>
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.querySelector<HTMLElement>('.composer textarea, .timeline')?.focus();
}
