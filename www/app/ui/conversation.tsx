// SPDX-License-Identifier: Apache-2.0
//
// A conversation: its head, the timeline, the composer.

import { useEffect, useMemo } from 'preact/hooks';
import { ArrowLeft, Hash, Info, Lock, UsersRound } from 'lucide';
import type { Conversation, Members, Timeline as Run } from '../../client/index.ts';
import { when } from '../lib/dates.ts';
import { type Panel, closePanel, goUp, navigate, openPanel, paths, route } from '../lib/router.ts';
import { client, isSelf, myId, titleOf } from '../state/client.ts';
import { t } from '../strings/index.ts';
import { Announcer } from './announcer.tsx';
import { Avatar } from './avatar.tsx';
import { Composer } from './composer.tsx';
import { Icon } from './icon.tsx';
import { Nothing } from './nothing.tsx';
import { MessagesSkeleton } from './skeleton.tsx';
import { Timeline } from './timeline.tsx';

export function BackToList() {
  return (
    <button type="button" class="icon-button only-phone" aria-label={t.conversation.toList} onClick={() => goUp(paths.home)}>
      <Icon icon={ArrowLeft} size={22} />
    </button>
  );
}

function Mark({ conversation }: { conversation: Conversation }) {
  if (conversation.kind === 'group') {
    return (
      <span class="bar-mark">
        <Icon icon={conversation.visibility === 'public' ? Hash : Lock} />
      </span>
    );
  }
  const peer = conversation.peer ?? myId();
  return <Avatar id={peer} name={titleOf(conversation)} size={28} presence={isSelf(conversation) ? undefined : client.presence(peer).value?.state} />;
}

function about(conversation: Conversation): string {
  if (conversation.kind === 'group') return conversation.topic ?? '';
  if (isSelf(conversation) || !conversation.peer) return '';
  const presence = client.presence(conversation.peer).value;
  if (!presence) return '';
  if (presence.text) return `${presence.emoji ?? ''} ${presence.text}`.trim();
  return presence.state === 'offline' && presence.last_seen ? t.lastSeen(when(Date.parse(presence.last_seen))) : t.presence[presence.state];
}

function PanelButton({ id, panel, icon, label, text }: { id: string; panel: Panel; icon: Parameters<typeof Icon>[0]['icon']; label: string; text?: string }) {
  const at = route.value;
  const open = at.name === 'conversation' && at.panel === panel;
  return (
    <button
      type="button"
      class={`icon-button${text ? ' with-label' : ''}`}
      aria-pressed={open}
      aria-label={text ? `${label}: ${text}` : label}
      title={label}
      onClick={() => (open ? closePanel(id) : openPanel(id, panel))}
    >
      <Icon icon={icon} />
      {text && <span class="tabular">{text}</span>}
    </button>
  );
}

function Bar({ conversation }: { conversation: Conversation }) {
  const line = about(conversation);
  return (
    <header class="bar">
      <BackToList />
      <Mark conversation={conversation} />
      <div class="bar-title">
        <h1 class="one-line" dir="auto">
          {titleOf(conversation)}
        </h1>
        {line && (
          <p class="bar-about one-line" dir="auto" title={line}>
            {line}
          </p>
        )}
      </div>
      {conversation.kind === 'group' && (
        <PanelButton id={conversation.id} panel="members" icon={UsersRound} label={t.conversation.members} text={conversation.members_count.toLocaleString('en')} />
      )}
      <PanelButton id={conversation.id} panel="details" icon={Info} label={t.conversation.details} />
    </header>
  );
}

function Foot({ conversation, run, members }: { conversation: Conversation; run: Run; members: Members }) {
  if (conversation.archived) return <p class="read-only">{t.conversation.archived}</p>;
  if (conversation.kind === 'group' && conversation.my_role === null) return <p class="read-only">{t.conversation.readOnly}</p>;
  return <Composer key={conversation.id} conversation={conversation} run={run} members={members} />;
}

function Missing({ run }: { run: Run }) {
  const problem = run.problem.value;
  if (!problem) return <MessagesSkeleton />;
  if (problem.status !== 404 && problem.status !== 403) {
    return (
      <Nothing
        class="fill"
        alert
        about={problem.status === 0 ? t.conversation.offlineEmpty : t.conversation.failed}
        action={{ label: t.tryAgain, run: () => void run.loadNewest() }}
      />
    );
  }
  return (
    <Nothing class="fill" title={t.conversation.gone} about={t.conversation.goneAbout} action={{ label: t.conversation.toList, run: () => navigate(paths.home, { replace: true }) }} />
  );
}

export function ConversationPage({ id, seq }: { id: string; seq: number | undefined }) {
  const run = useMemo(() => client.timeline(id), [id]);
  const members = useMemo(() => client.members(id), [id]);
  useEffect(() => {
    void members.loadMore();
    return () => {
      run.close();
      members.close();
    };
  }, [id]);
  const conversation = client.conversation(id).value;
  if (!conversation) {
    return (
      <main class="main">
        <header class="bar">
          <BackToList />
        </header>
        <Missing run={run} />
      </main>
    );
  }
  return (
    <main class="main">
      <Bar conversation={conversation} />
      <Timeline key={id} run={run} conversation={conversation} seq={seq} />
      <Foot conversation={conversation} run={run} members={members} />
      <Announcer id={id} />
    </main>
  );
}
