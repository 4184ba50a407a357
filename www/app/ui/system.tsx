// SPDX-License-Identifier: Apache-2.0
//
// System messages: who joined, left, renamed the group, as one sentence.

import type { Message, SystemAction } from '../../client/index.ts';
import { nameOf } from '../state/client.ts';
import { t } from '../strings/index.ts';

const text = (action: SystemAction, member: string): string => (typeof action[member] === 'string' ? (action[member] as string) : '');

function whom(action: SystemAction): string[] {
  const ids = Array.isArray(action.accounts) ? action.accounts : [action.account];
  const known = ids.filter((id): id is string => typeof id === 'string');
  const all = known.slice(0, 5).map(nameOf);
  const rest = (typeof action.count === 'number' ? action.count : known.length) - all.length;
  return rest > 0 ? [...all, t.system.people(rest)] : all;
}

const sentences: Record<string, (who: string, action: SystemAction, message: Message) => string> = {
  created: (who) => t.system.created(who),
  joined: (who) => t.system.joined(who),
  left: (who) => t.system.left(who),
  added: (who, action) => t.system.added(who, whom(action)),
  removed: (who, action) => t.system.removed(who, whom(action)),
  renamed: (who, action) => t.system.renamed(who, text(action, 'title')),
  title: (who, action) => t.system.renamed(who, text(action, 'title')),
  topic: (who, action) => t.system.topic(who, text(action, 'topic')),
  visibility: (who, action) => t.system.visibility(who, text(action, 'visibility')),
  role: (who, action) => t.system.role(who, whom(action)[0] ?? '', text(action, 'role')),
};

export function systemText(message: Message): string {
  const who = nameOf(message.sender);
  const sentence = message.action && sentences[message.action.type];
  return sentence ? sentence(who, message.action!, message) : message.body || t.system.other(who);
}
