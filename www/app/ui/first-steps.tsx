// SPDX-License-Identifier: Apache-2.0
//
// The ways into a conversation: in the menu beside the list, and as buttons where
// nothing is open or there is nothing yet.

import { Compass, MessageSquarePlus, UsersRound } from 'lucide';
import { navigate, paths } from '../lib/router.ts';
import { client } from '../state/client.ts';
import { t } from '../strings/index.ts';
import { Icon } from './icon.tsx';
import { Nothing } from './nothing.tsx';

export const firstSteps = [
  { icon: MessageSquarePlus, label: t.side.newDirect, path: paths.newDirect },
  { icon: Compass, label: t.side.findGroups, path: paths.groups },
  { icon: UsersRound, label: t.side.newGroup, path: paths.newGroup },
];

/** Nothing is open. Who has no conversation yet is shown how to begin. */
export function Welcome({ class: extra = '' }: { class?: string }) {
  const none = client.conversationIds.value.length === 0;
  return (
    <Nothing class={extra} title={none ? t.side.welcome : t.conversation.none} about={none ? t.side.welcomeAbout : t.conversation.noneAbout}>
      <FirstSteps />
    </Nothing>
  );
}

function FirstSteps() {
  return (
    <div class="first-steps">
      {firstSteps.map(({ icon, label, path }, index) => (
        <button key={path} type="button" class={`button${index === 0 ? ' primary' : ''}`} onClick={() => navigate(path)}>
          <Icon icon={icon} />
          {label}
        </button>
      ))}
    </div>
  );
}
