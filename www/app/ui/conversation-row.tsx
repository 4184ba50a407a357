// SPDX-License-Identifier: Apache-2.0
//
// One conversation in the list: picture, name, presence, unread, mentions, draft;
// with its last message where there is room (always on a phone).

import { BellOff, CircleAlert, Clock3, Hash, Lock, PencilLine } from 'lucide';
import type { Conversation } from '../../client/index.ts';
import { shortWhen } from '../lib/dates.ts';
import { directionOf, isolate } from '../lib/direction.ts';
import { plainLine } from '../lib/markdown.ts';
import { paths } from '../lib/router.ts';
import { client, isMuted, isSelf, myId, nameOf, titleOf } from '../state/client.ts';
import { showLastMessages } from '../state/prefs.ts';
import { isPhone } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { systemText } from './system.tsx';

interface Line {
  prefix: string;
  text: string;
}

/** The last message (or the draft) as one line of words. */
function lastLine(conversation: Conversation): Line {
  const last = conversation.last_message;
  if (conversation.draftText) return { prefix: t.side.draftPrefix, text: plainLine(conversation.draftText) };
  if (!last) return { prefix: '', text: t.side.noMessages };
  if (last.kind === 'system') return { prefix: '', text: systemText(last) };
  const text = last.deleted ? t.message.deleted : plainLine(last.body);
  if (isSelf(conversation)) return { prefix: '', text };
  if (last.sender === myId()) return { prefix: t.side.youPrefix, text };
  return { prefix: conversation.kind === 'group' ? `${isolate(nameOf(last.sender))}:` : '', text };
}

function LastLine({ conversation }: { conversation: Conversation }) {
  const { prefix, text } = lastLine(conversation);
  return (
    <span class="conv-last" dir={directionOf(text)}>
      {prefix} {text}
    </span>
  );
}

function Mark({ conversation, large }: { conversation: Conversation; large: boolean }) {
  if (conversation.kind === 'direct') {
    const peer = conversation.peer ?? myId();
    const presence = isSelf(conversation) ? undefined : client.presence(peer).value?.state;
    return <Avatar id={peer} name={titleOf(conversation)} size={large ? 44 : 20} presence={presence} />;
  }
  if (large) return <Avatar id={conversation.id} name={conversation.title} size={44} group />;
  return (
    <span class="conv-mark">
      <Icon icon={conversation.visibility === 'public' ? Hash : Lock} size={16} />
    </span>
  );
}

function Badge({ conversation, open }: { conversation: Conversation; open: boolean }) {
  if (conversation.failed > 0) return <Icon icon={CircleAlert} size={16} class="conv-failed" label={t.message.failed} />;
  if (conversation.mentions > 0) {
    return (
      <span class="pill mention" title={t.side.mentions(conversation.mentions)}>
        {conversation.mentions > 99 ? '99+' : conversation.mentions}
        <span class="unseen"> {t.side.mentions(conversation.mentions)}</span>
      </span>
    );
  }
  if (conversation.unread > 0 && !isMuted(conversation)) {
    return (
      <span class="pill count">
        {conversation.unread > 99 ? '99+' : conversation.unread}
        <span class="unseen"> {t.side.unread}</span>
      </span>
    );
  }
  if (conversation.draftText && !open) return <Icon icon={PencilLine} size={14} class="muted" label={t.side.draft} />;
  if (conversation.waiting > 0) return <Icon icon={Clock3} size={14} class="muted" label={t.side.waiting} />;
  return isMuted(conversation) ? <Icon icon={BellOff} size={14} class="muted" label={t.side.muted} /> : null;
}

function hoverText(conversation: Conversation): string {
  const { prefix, text } = lastLine(conversation);
  return `${titleOf(conversation)}\n${prefix} ${text}`;
}

export function ConversationRow({ id, open, tabStop }: { id: string; open: boolean; tabStop: boolean }) {
  const conversation = client.conversation(id).value;
  if (!conversation) return null;
  const large = isPhone.value || showLastMessages.value;
  const bold = conversation.unread > 0 && !(isMuted(conversation) && conversation.mentions === 0);
  const title = titleOf(conversation);
  return (
    <li>
      <a
        class={`conv${large ? ' large' : ''}${open ? ' open' : ''}${bold ? ' unread' : ''}${isMuted(conversation) ? ' muted-conv' : ''}`}
        href={paths.conversation(id)}
        aria-current={open ? 'page' : undefined}
        tabIndex={tabStop ? 0 : -1}
        title={large ? undefined : hoverText(conversation)}
      >
        <Mark conversation={conversation} large={large} />
        {large ? (
          <span class="conv-text">
            <span class="conv-top">
              <span class="conv-name" dir="auto">{title}</span>
              <time class="conv-time tabular">{shortWhen(Date.parse(conversation.activity))}</time>
            </span>
            <span class="conv-bottom">
              <LastLine conversation={conversation} />
              <Badge conversation={conversation} open={open} />
            </span>
          </span>
        ) : (
          <>
            <span class="conv-name" dir="auto">{title}</span>
            <Badge conversation={conversation} open={open} />
          </>
        )}
      </a>
    </li>
  );
}
