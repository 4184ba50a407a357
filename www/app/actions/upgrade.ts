// SPDX-License-Identifier: Apache-2.0
//
// Notices that the server serves a newer build than this page came from, and
// registers the service worker that lets the page start offline.

import { effect } from '@preact/signals';
import { workerScript } from '../lib/trusted.ts';
import { client } from '../state/client.ts';
import { upgradeReady, visible } from '../state/screen.ts';

const everyMs = 15 * 60_000;
const own = document.querySelector<HTMLMetaElement>('meta[name=parley-build]')?.content ?? '';

async function check(): Promise<void> {
  if (!own || upgradeReady.peek()) return;
  try {
    const answer = await fetch('/version.json', { cache: 'no-store' });
    if (!answer.ok) return;
    const { build } = (await answer.json()) as { build?: string };
    if (build && build !== own) upgradeReady.value = true;
  } catch {
    // no network: asked again when there is
  }
}

export function startUpgrades(): void {
  setInterval(() => void check(), everyMs);
  effect(() => {
    if (client.connection.value.state === 'connected' && visible.value) void check();
  });
  if (globalThis.isSecureContext && navigator.serviceWorker) {
    navigator.serviceWorker.register(workerScript()).catch((error: unknown) => console.warn('no service worker', error));
  }
}
