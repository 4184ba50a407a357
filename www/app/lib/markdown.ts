// SPDX-License-Identifier: Apache-2.0
//
// A message's text as HTML (markdown-it, without raw HTML) and as plain words.
// What comes out still passes lib/trusted.ts before it reaches the page. No
// style attribute is ever made: a table's alignment becomes a class. Results
// are kept for the most recent texts, since a timeline renders the same ones
// again and again while it scrolls.

import MarkdownIt from 'markdown-it';
import { t } from '../strings/index.ts';
import { cleanHtml } from './trusted.ts';

export interface Mentioned {
  id: string;
  login: string;
  name: string;
  me: boolean;
}

/** The people named in the text that is being rendered; markdown-it is not re-entered. */
let mentioned: ReadonlyMap<string, Mentioned> = new Map();

const md = new MarkdownIt({ html: false, linkify: true, breaks: true, maxNesting: 24 });
md.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
md.disable(['image', 'reference', 'lheading']);

const escape = md.utils.escapeHtml;
const mentionPattern = /@([a-z0-9._-]{2,32})/iy;

/** A login at the end of a sentence: "@anna." means anna. */
function findMention(name: string): { person: Mentioned; length: number } | undefined {
  for (let text = name.toLowerCase(); text.length >= 2; text = text.slice(0, -1)) {
    const person = mentioned.get(text);
    if (person) return { person, length: text.length };
    if (!/[._-]$/.test(text)) return undefined;
  }
  return undefined;
}

md.inline.ruler.before('emphasis', 'mention', (state, silent) => {
  if (state.src.charCodeAt(state.pos) !== 0x40) return false;
  if (state.pos > 0 && /[\p{L}\p{N}_]/u.test(state.src[state.pos - 1]!)) return false;
  mentionPattern.lastIndex = state.pos;
  const match = mentionPattern.exec(state.src);
  const found = match && findMention(match[1]!);
  if (!found) return false;
  if (!silent) {
    const token = state.push('mention', '', 0);
    token.meta = { person: found.person };
  }
  state.pos += found.length + 1;
  return true;
});

// No newline behind it: paragraphs keep their white space, and it would be a second break.
md.renderer.rules.softbreak = md.renderer.rules.hardbreak = () => '<br>';

md.renderer.rules.mention = (tokens, index) => {
  const { person } = tokens[index]!.meta as { person: Mentioned };
  return `<span class="mention-name${person.me ? ' me' : ''}" data-account="${escape(person.id)}">@${escape(person.name)}</span>`;
};

md.core.ruler.push('shape', (state) => {
  for (const token of state.tokens) {
    if (token.type === 'th_open' || token.type === 'td_open') {
      const align = /text-align:(left|right|center)/.exec(String(token.attrGet('style') ?? ''));
      token.attrs = align ? [['class', `align-${align[1]}`]] : null;
    }
    // a block that has a direction of its own does not count for the one around it
    if (token.level === 0 && token.nesting === 1) token.attrSet('dir', 'auto');
  }
});

md.renderer.rules.table_open = () => '<div class="table-box" tabindex="0"><table>';
md.renderer.rules.table_close = () => '</table></div>';

function codeBlock(text: string, language: string): string {
  const name = language ? `<span class="code-name">${escape(language.slice(0, 24))}</span>` : '';
  return (
    `<div class="code-box" dir="ltr">${name}<button type="button" class="copy-code" data-copy="1">${escape(t.copy)}</button>` +
    `<pre tabindex="0"><code>${escape(text.replace(/\n$/, ''))}</code></pre></div>`
  );
}

md.renderer.rules.fence = (tokens, index) => codeBlock(tokens[index]!.content, tokens[index]!.info.trim().split(/\s+/)[0] ?? '');
md.renderer.rules.code_block = (tokens, index) => codeBlock(tokens[index]!.content, '');

md.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  const token = tokens[index]!;
  const href = String(token.attrGet('href') ?? '');
  if (!href.startsWith(`${globalThis.location?.origin}/`)) {
    token.attrSet('target', '_blank');
    token.attrSet('rel', 'noopener noreferrer nofollow');
  }
  return self.renderToken(tokens, index, options);
};

const onlyEmoji = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?(?:\u200D\p{Extended_Pictographic}(?:\uFE0F|\p{Emoji_Modifier})?)*|\p{Regional_Indicator}{2}|\s){1,12}$/u;

/** Up to a few emoji and nothing else: shown large. */
export function isOnlyEmoji(body: string): boolean {
  return body.length <= 40 && onlyEmoji.test(body);
}

const keep = 600;
const made = new Map<string, string>();

/** Cleaned HTML for a message's text, ready for innerHTML. */
export function messageHtml(body: string, mentions: Mentioned[]): string {
  const key = mentions.length ? `${mentions.map((who) => `${who.id}=${who.name}`).join()}\n${body}` : body;
  const before = made.get(key);
  if (before !== undefined) {
    made.delete(key);
    made.set(key, before);
    return before;
  }
  mentioned = new Map(mentions.map((who) => [who.login, who]));
  const html = cleanHtml(md.render(body));
  made.set(key, html);
  if (made.size > keep) made.delete(made.keys().next().value!);
  return html;
}

/** The words of a message on one line, without marks, for lists and quotes. */
export function plainLine(body: string, limit = 160): string {
  return body
    .slice(0, limit * 3)
    .replace(/```\w*\n?/g, ' ')
    .replace(/^[>#\s]+|^\s*[-*]\s+/gm, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(\*\*|__|~~|`)/g, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, limit);
}
