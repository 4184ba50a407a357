// SPDX-License-Identifier: Apache-2.0
//
// The application's only Trusted Types policy. HTML passes it after DOMPurify
// has cleaned it, and script addresses only when it is the service worker's.
// Browsers without Trusted Types get the same checks and plain strings.

import DOMPurify from 'dompurify';

const workerUrl = '/sw.js';

/** Attributes whose values are no addresses: the pattern below is not for them. */
const plain = ['class', 'title', 'rel', 'target', 'start', 'dir', 'type', 'aria-label', 'data-account', 'data-copy', 'tabindex'];

const allowed = {
  ALLOWED_TAGS: [
    'a', 'blockquote', 'br', 'code', 'del', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol',
    'p', 'pre', 's', 'span', 'strong', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul', 'div', 'button',
  ],
  ALLOWED_ATTR: ['href', ...plain],
  ADD_URI_SAFE_ATTR: plain,
  FORBID_ATTR: ['style'],
  ALLOW_DATA_ATTR: false,
  ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|\/(?!\/))/i,
};

function clean(html: string): string {
  return DOMPurify.sanitize(html, { ...allowed, RETURN_TRUSTED_TYPE: false });
}

function ownWorker(url: string): string {
  if (url !== workerUrl) throw new TypeError('not a script of this application');
  return url;
}

interface Policies {
  trustedTypes?: { createPolicy(name: string, rules: object): { createHTML(html: string): unknown; createScriptURL(url: string): unknown } };
}

const policy = (globalThis as Policies).trustedTypes?.createPolicy('parley', {
  createHTML: clean,
  createScriptURL: ownWorker,
});

/** HTML made from a message, cleaned; the value may be given to innerHTML. */
export function cleanHtml(html: string): string {
  return (policy ? policy.createHTML(html) : clean(html)) as string;
}

/** The service worker's address, as register() wants it. */
export function workerScript(): string {
  return (policy ? policy.createScriptURL(workerUrl) : ownWorker(workerUrl)) as string;
}
