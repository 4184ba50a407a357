// SPDX-License-Identifier: Apache-2.0
//
// Notices for mentions and direct messages while the window is hidden: on the
// desktop and by a sound. Off until asked for by a click; never at load. The
// sound is made here, so nothing is fetched.

import { effect } from '@preact/signals';
import type { Arrival } from '../../client/index.ts';
import { plainLine } from '../lib/markdown.ts';
import { navigate, paths } from '../lib/router.ts';
import { client, isMuted, nameOf, titleOf } from '../state/client.ts';
import { desktopNotices, noticeSound } from '../state/prefs.ts';
import { attending } from '../state/screen.ts';
import { ownState } from '../state/status.ts';
import { t } from '../strings/index.ts';

export type NoticePermission = 'granted' | 'denied' | 'default' | 'insecure';

export function noticesAllowed(): NoticePermission {
  if (!globalThis.isSecureContext || !('Notification' in globalThis)) return 'insecure';
  return Notification.permission;
}

/** Asks the browser; call from a click only. */
export async function askForNotices(): Promise<boolean> {
  if (noticesAllowed() === 'insecure') return false;
  return (await Notification.requestPermission()) === 'granted';
}

let audio: AudioContext | undefined;

/** Two soft notes. */
export function playSound(): void {
  if (!globalThis.AudioContext) return;
  audio ??= new AudioContext();
  void audio.resume();
  const start = audio.currentTime + 0.02;
  for (const [index, pitch] of [659.26, 880].entries()) {
    const note = audio.createOscillator();
    const gain = audio.createGain();
    const at = start + index * 0.11;
    note.type = 'sine';
    note.frequency.value = pitch;
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(0.12, at + 0.015);
    gain.gain.exponentialRampToValueAtTime(0.0001, at + 0.32);
    note.connect(gain).connect(audio.destination);
    note.start(at);
    note.stop(at + 0.35);
  }
}

function worthTelling({ message, own, mentioned, late }: Arrival): boolean {
  if (own || late || message.kind !== 'text' || message.deleted || ownState.peek() === 'dnd') return false;
  const conversation = client.conversation(message.conversation).peek();
  if (!conversation || (isMuted(conversation) && !mentioned) || conversation.notify === 'none') return false;
  return mentioned || (conversation.kind === 'direct' && conversation.notify !== 'mentions');
}

function show({ message }: Arrival): void {
  const conversation = client.conversation(message.conversation).peek();
  if (!conversation) return;
  const who = nameOf(message.sender);
  const title = conversation.kind === 'direct' ? who : t.notice.mention(who, titleOf(conversation));
  const notice = new Notification(title, { body: plainLine(message.body, 200), tag: `parley-${message.conversation}`, icon: '/icon-192.png' });
  notice.addEventListener('click', () => {
    globalThis.focus();
    navigate(paths.message(message.conversation, message.seq));
    notice.close();
  });
}

function announce(arrival: Arrival): void {
  if (noticeSound.peek()) playSound();
  if (!desktopNotices.peek() || noticesAllowed() !== 'granted') return;
  try {
    show(arrival);
  } catch {
    // some phones allow notices from a service worker only
  }
}

/** The tab that the person looks at holds this lock (browsers without locks, or plain HTTP: each tab knows of itself). */
const attendedLock = 'parley/attended';

function holdWhileAttending(): void {
  effect(() => {
    if (!attending.value) return undefined;
    let release = (): void => {};
    const released = new Promise<void>((done) => (release = done));
    void navigator.locks?.request(attendedLock, { mode: 'shared' }, () => released);
    return release;
  });
}

async function isAttended(): Promise<boolean> {
  const locks = await navigator.locks?.query();
  return attending.peek() || !!locks?.held?.some(({ name }) => name === attendedLock);
}

/** Of several tabs the one that holds the link tells, and none while the person looks at any of them. */
export function startNotices(): void {
  holdWhileAttending();
  client.onArrival((arrival) => {
    if (client.leading.peek() && worthTelling(arrival)) void isAttended().then((attended) => attended || announce(arrival));
  });
}
