// SPDX-License-Identifier: Apache-2.0
//
// The library's front door: import from here. The interfaces and their meaning are in api.ts.

export type * from './api.ts';
export type {
  Account, ConversationKind, ConversationRow, Id, Member, Message, Presence, PresenceState, ProblemDocument, Reaction, RelayInfo,
  Role, SessionInfo, SystemAction, Visibility,
} from './protocol.ts';
export { compareIds } from './protocol.ts';
export { Problem } from './problem.ts';
export { createClient } from './client.ts';
export { memoryStorage } from './storage.ts';
export type { Storage } from './storage.ts';
export { uuid } from './ids.ts';
