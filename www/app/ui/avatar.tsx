// SPDX-License-Identifier: Apache-2.0
//
// A person's or a group's picture: initials on a hue that follows from the id,
// so that it is the same on every device. A presence dot on request.

import { t } from '../strings/index.ts';

/** A hue of the colour circle for an id; neighbours get hues far apart. */
export function hueOf(id: string): number {
  let hash = 2166136261;
  for (let i = 0; i < id.length; i += 1) hash = Math.imul(hash ^ id.charCodeAt(i), 16777619);
  hash = Math.imul(hash ^ (hash >>> 15), 2246822507);
  hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
  return ((hash ^ (hash >>> 16)) >>> 0) % 360;
}

/** Up to two initials; whole characters, also for names outside of the Latin script. */
export function initials(name: string): string {
  const words = name.trim().split(/[\s._-]+/u).filter(Boolean);
  const first = [...(words[0] ?? '?')][0] ?? '?';
  const last = words.length > 1 ? ([...words[words.length - 1]!][0] ?? '') : '';
  if (/\p{Script=Arabic}/u.test(first)) return `${first}\u200c${last}`; // not joined to one letter
  return /\p{Script=Han}|\p{Emoji_Presentation}/u.test(first) ? first : (first + last).toLocaleUpperCase();
}

export type PresenceState = 'online' | 'away' | 'dnd' | 'offline';

export function PresenceDot({ state }: { state: PresenceState }) {
  if (state === 'offline') return null;
  return <span class={`dot ${state}`} role="img" aria-label={t.presence[state]} title={t.presence[state]} />;
}

export interface AvatarProps {
  id: string;
  name: string;
  size?: 20 | 24 | 28 | 36 | 44 | 72;
  presence?: PresenceState | undefined;
  group?: boolean;
}

export function Avatar({ id, name, size = 36, presence, group }: AvatarProps) {
  const tint = (element: HTMLSpanElement | null) => element?.style.setProperty('--hue', String(hueOf(id)));
  return (
    <span class={`avatar hue s${size}${group ? ' group' : ''}`} ref={tint}>
      <span class="initials" data-initials={initials(name)} />
      {presence && <PresenceDot state={presence} />}
    </span>
  );
}
