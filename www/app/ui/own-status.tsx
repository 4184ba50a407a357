// SPDX-License-Identifier: Apache-2.0
//
// Who I am, at the head of the side bar, with the menu for my status and account.

import { useRef, useState } from 'preact/hooks';
import { BookOpen, LogOut, Settings, ShieldCheck, Smile } from 'lucide';
import { setStatus, type OwnState } from '../actions/live.ts';
import { navigate, paths } from '../lib/router.ts';
import { client } from '../state/client.ts';
import { ownState } from '../state/status.ts';
import { openDialog } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Avatar } from './avatar.tsx';
import { LogOutDialog } from './log-out.tsx';
import { Menu, MenuItem } from './menu.tsx';
import { StatusDialog } from './status-dialog.tsx';

const states: { state: OwnState; about?: string }[] = [
  { state: 'online' },
  { state: 'away' },
  { state: 'dnd', about: t.status.dndAbout },
  { state: 'invisible', about: t.status.invisibleAbout },
];

function StatusMenu({ at, onClose }: { at: Element; onClose: () => void }) {
  const account = client.account.value;
  const now = ownState.value;
  return (
    <Menu label={t.side.account} at={at} onClose={onClose}>
      {states.map(({ state, about }) => (
        <MenuItem key={state} checked={now === state} {...(about ? { about } : {})} onSelect={() => setStatus(state)}>
          <span class={`state-mark ${state}`} aria-hidden="true" />
          {t.status[state]}
        </MenuItem>
      ))}
      <hr />
      <MenuItem icon={Smile} onSelect={() => openDialog(() => <StatusDialog />)}>
        {t.status.choose}
      </MenuItem>
      <MenuItem icon={Settings} onSelect={() => navigate(paths.account)}>
        {t.account.title}
      </MenuItem>
      {account?.admin && (
        <MenuItem icon={ShieldCheck} onSelect={() => location.assign('/admin/')}>
          {t.account.admin}
        </MenuItem>
      )}
      <MenuItem icon={BookOpen} onSelect={() => location.assign('/docs/')}>
        {t.account.docs}
      </MenuItem>
      <hr />
      <MenuItem icon={LogOut} onSelect={() => openDialog(() => <LogOutDialog />)}>
        {t.account.logOut}
      </MenuItem>
    </Menu>
  );
}

export function OwnStatus() {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const account = client.account.value;
  if (!account) return <span class="grow" />;
  const presence = client.presence(account.id).value;
  const shown = ownState.value === 'invisible' || client.connection.value.state === 'offline' ? 'offline' : ownState.value;
  return (
    <>
      <button
        type="button"
        class="own-status"
        ref={button}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-label={`${account.display_name}, ${t.status[ownState.value]}. ${t.side.account}`}
        onClick={() => setOpen(!open)}
      >
        <Avatar id={account.id} name={account.display_name} size={28} presence={shown} />
        <span class="own-name">
          <span class="one-line" dir="auto">{account.display_name}</span>
          {presence?.text && (
            <span class="one-line muted own-text" dir="auto">
              {presence.emoji} {presence.text}
            </span>
          )}
        </span>
      </button>
      {open && button.current && <StatusMenu at={button.current} onClose={() => setOpen(false)} />}
    </>
  );
}
