// SPDX-License-Identifier: Apache-2.0
//
// The service worker: lets the application start without a network. It keeps
// the page and its hashed files of one build, answers navigation from the
// network first (so an upgrade is seen at once) and from its copy when the
// network says nothing. It never touches /api/, /live/ or anything that is not
// a GET of this origin, and it keeps no person's data.

declare const BUILD: string;
declare const KEEP: string[];

/** The part of ServiceWorkerGlobalScope that is used here. */
interface Scope {
  location: Location;
  clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: { waitUntil(work: Promise<unknown>): void }) => void): void;
  addEventListener(type: 'fetch', listener: (event: { request: Request; respondWith(answer: Promise<Response>): void }) => void): void;
}

const worker = globalThis as unknown as Scope;
const cacheName = `parley-${BUILD}`;
const pageUrl = '/index.html';
const patienceMs = 4000;

async function install(): Promise<void> {
  const cache = await caches.open(cacheName);
  await cache.addAll([new Request(pageUrl, { cache: 'reload' }), ...KEEP]);
  await worker.skipWaiting();
}

async function activate(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith('parley-') && name !== cacheName);
  await Promise.all(old.map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function page(request: Request): Promise<Response> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), patienceMs);
  try {
    const answer = await fetch(request, { signal: stop.signal });
    if (answer.status < 500) return answer;
    return (await caches.match(pageUrl)) ?? answer;
  } catch (error) {
    const kept = await caches.match(pageUrl);
    if (kept) return kept;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function asset(request: Request): Promise<Response> {
  const kept = await caches.match(request);
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok) await (await caches.open(cacheName)).put(request, answer.clone());
  return answer;
}

/** Which paths are the application's own pages (others are served as they are). */
function isPage(path: string): boolean {
  return !/^\/(api|live|docs|admin|assets)(\/|$)/.test(path);
}

worker.addEventListener('install', (event) => event.waitUntil(install()));
worker.addEventListener('activate', (event) => event.waitUntil(activate()));
worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== worker.location.origin) return;
  if (request.mode === 'navigate') {
    if (isPage(url.pathname)) event.respondWith(page(request));
  } else if (url.pathname.startsWith('/assets/')) {
    event.respondWith(asset(request));
  }
});
