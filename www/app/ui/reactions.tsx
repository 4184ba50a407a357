// SPDX-License-Identifier: Apache-2.0
//
// The reactions under a message; one's own are marked and can be taken back.

import type { Message, Reaction } from '../../client/index.ts';
import { hasReacted, toggleReaction } from '../actions/history.ts';
import { myId, nameOf } from '../state/client.ts';
import { t } from '../strings/index.ts';

const namesShown = 12;

function who({ accounts, count, emoji }: Reaction): string {
  const names = accounts.slice(0, namesShown).map((id) => (id === myId() ? t.you : nameOf(id)));
  return t.message.reactedBy(names, count - names.length, emoji);
}

export function Reactions({ message }: { message: Message }) {
  if (message.reactions.length === 0) return null;
  return (
    <div class="reactions" role="group" aria-label={t.message.reactions}>
      {message.reactions.map((reaction) => {
        const mine = hasReacted(message, reaction.emoji);
        return (
          <button
            type="button"
            key={reaction.emoji}
            class={`reaction${mine ? ' mine' : ''}`}
            aria-pressed={mine}
            aria-label={who(reaction)}
            title={who(reaction)}
            onClick={() => void toggleReaction(message, reaction.emoji)}
          >
            <span class="reaction-emoji">{reaction.emoji}</span>
            <span class="tabular">{reaction.count}</span>
          </button>
        );
      })}
    </div>
  );
}
