// SPDX-License-Identifier: Apache-2.0
//
// What is pasted into a message: a link over selected words makes them a link, rich text becomes markdown, the rest comes
// as the plain text it is (also with Ctrl Shift V, which brings no rich text). Rich text is cleaned before it is looked at.

import { insertText, makeLink } from './editing.ts';
import { cleanHtml } from './trusted.ts';

const link = /^https?:\/\/\S+$/i;
const lines = 'body, p, div, br, li, ul, ol, pre, blockquote, table, tr, td, th, h1, h2, h3, h4, h5, h6';
const worth = 'a[href], strong, em, del, s, code, pre, li, blockquote, h1, h2, h3';

/** Marks around words, not around the blanks beside them. */
const around = (mark: string) => (text: string): string => text.replace(/^(\s*)(\S[\s\S]*?)(\s*)$/, `$1${mark}$2${mark}$3`);
const apart = (text: string): string => `\n\n${text.trim()}\n\n`;
const heading = (text: string): string => apart(around('**')(text));

const rules: Record<string, (text: string, element: Element) => string> = {
  strong: around('**'), em: around('_'), del: around('~~'), s: around('~~'),
  code: (text) => (text.includes('\n') ? text : around('`')(text)),
  a: (text, element) => named(text.trim(), element.getAttribute('href') ?? ''),
  br: () => '\n',
  p: apart, div: (text) => `\n${text}\n`, h1: heading, h2: heading, h3: heading, h4: heading, h5: heading, h6: heading,
  pre: (_, element) => apart(`\`\`\`\n${element.textContent!.replace(/\n$/, '')}\n\`\`\``),
  blockquote: (text) => apart(tidy(text).replace(/^/gm, '> ')),
  ul: (_, element) => list(element, () => '- '),
  ol: (_, element) => list(element, (index) => `${index + 1}. `),
  td: (text) => `${text.trim()}\t`, th: (text) => `${text.trim()}\t`, tr: (text) => `${text.trim()}\n`, table: apart,
  button: () => '',
};

function named(text: string, href: string): string {
  return !text || !link.test(href) ? text : text === href ? href : `[${text}](${href})`;
}

function list(element: Element, mark: (index: number) => string): string {
  const items = [...element.children].filter(({ localName }) => localName === 'li');
  const rows = items.map((item, index) => mark(index) + tidy(inside(item)).replace(/\n+/g, `\n${' '.repeat(mark(index).length)}`));
  return element.closest('li') ? `\n${rows.join('\n')}\n` : apart(rows.join('\n'));
}

/** Nothing, a break or a block stands before it: a blank here is none. */
function startsLine({ previousSibling, parentElement }: Node): boolean {
  const before = previousSibling ?? parentElement;
  return before instanceof Element && before.matches(lines);
}

function inside(node: Node): string {
  return [...node.childNodes].map(textOf).join('');
}

function textOf(node: Node): string {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent!.replace(/\s+/g, ' ').replace(startsLine(node) ? /^ / : '', '');
  if (!(node instanceof Element)) return '';
  const text = inside(node);
  return rules[node.localName]?.(text, node) ?? text;
}

const tidy = (text: string): string => text.replace(/[ \t]+\n/g, '\n').replace(/\n{3,}/g, '\n\n').trim();

/** Styles and handlers are cleaned away anyway; without them the parser has nothing to complain of to the console. */
const quiet = (html: string): string =>
  html.replace(/<(style|script)\b[\s\S]*?<\/\1\s*>/gi, '').replace(/\s(?:style|on\w+)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, '');

/** Rich text as markdown; null where plain text says as much. */
export function markdownOf(html: string): string | null {
  const page = new DOMParser().parseFromString(cleanHtml(quiet(html)), 'text/html');
  return page.querySelector(worth) ? tidy(inside(page.body)) : null;
}

function inCode(field: HTMLTextAreaElement): boolean {
  return (field.value.slice(0, field.selectionStart).match(/`/g)?.length ?? 0) % 2 === 1;
}

/** For the paste event of a field that holds markdown. */
export function onPaste(event: ClipboardEvent): void {
  const field = event.currentTarget as HTMLTextAreaElement;
  const text = event.clipboardData?.getData('text/plain').trim() ?? '';
  const chosen = field.value.slice(field.selectionStart, field.selectionEnd);
  if (link.test(text)) {
    if (!chosen.trim() || chosen.includes('\n') || link.test(chosen)) return;
    event.preventDefault();
    makeLink(field, text);
    return;
  }
  const html = event.clipboardData?.getData('text/html');
  const markdown = html && !inCode(field) ? markdownOf(html) : null;
  if (!markdown) return;
  event.preventDefault();
  insertText(field, markdown);
}
