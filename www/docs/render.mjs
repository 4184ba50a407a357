// SPDX-License-Identifier: Apache-2.0
//
// Turns www/docs/*.md into pages. The tables of errors and of limits are read from where the truth is: the error table in
// fcgi/lib/error.c and the shipped conf/parley.conf. Refuses to build when either cannot be read.

import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import MarkdownIt from 'markdown-it';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '../..');

const PAGES = [
  ['index', 'Start'], ['http', 'HTTP interface'], ['live', 'Live interface'],
  ['admin', 'Administration'], ['errors', 'Errors'], ['limits', 'Limits'],
];

const markdown = new MarkdownIt({ html: true });
markdown.renderer.rules.table_open = () => '<div class="table"><table>';
markdown.renderer.rules.table_close = () => '</table></div>';

const row = (...cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;

/** Every row of the error table in C: name, title, status, close code. */
async function errors() {
  const source = await readFile(join(root, 'fcgi/lib/error.c'), 'utf8');
  const rows = [...source.matchAll(/\[ERROR_\w+\]\s*=\s*\{"(\w+)",\s*"([^"]*)",\s*(\d+),\s*(\d+),/g)].filter(([, name]) => name !== 'ok');
  if (rows.length < 20) throw new Error('docs: fcgi/lib/error.c has no error table any more');
  return [row('urn:parley:', 'status', 'close code', 'meaning'), row('---', '---', '---', '---'),
    ...rows.map(([, name, title, status, close]) => row(`\`${name}\``, status, close === '0' ? '' : close, title))].join('\n');
}

/** Every key of parley.conf with its default and the comment above it. */
async function limits() {
  const source = await readFile(join(root, 'conf/parley.conf'), 'utf8');
  const rows = [];
  let comment = [];
  for (const line of source.split('\n')) {
    const key = /^#?([a-z0-9_]+) *= *(.*)$/.exec(line);
    if (key) {
      rows.push(row(`\`${key[1]}\``, key[2] ? `\`${key[2]}\`` : '(empty)', comment.join(' ')));
      comment = [];
    } else if (line.startsWith('# ')) comment.push(line.slice(2));
    else comment = [];
  }
  if (rows.length < 20) throw new Error('docs: conf/parley.conf has no keys any more');
  return [row('key', 'default', 'meaning'), row('---', '---', '---'), ...rows].join('\n');
}

const page = (name, title, body, style) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Parley</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="${style}">
</head>
<body>
<div class="docs">
<nav class="docs-side" aria-label="Reference"><a class="docs-home" href="/">Parley</a>
${PAGES.map(([to, label]) => `<a href="/docs/${to === 'index' ? '' : to}"${to === name ? ' aria-current="page"' : ''}>${label}</a>`).join('\n')}
</nav>
<main class="docs-text">
${body}
</main>
</div>
</body>
</html>
`;

/** Writes the reference below `out`/docs; `style` is the address of the bundled docs.css. */
export async function renderDocs(out, style) {
  const tables = { '<!-- errors -->': await errors(), '<!-- limits -->': await limits() };
  await mkdir(join(out, 'docs'), { recursive: true });
  for (const [name, title] of PAGES) {
    let text = await readFile(join(here, `${name}.md`), 'utf8');
    for (const [mark, table] of Object.entries(tables)) text = text.replace(mark, () => table);
    await writeFile(join(out, 'docs', `${name}.html`), page(name, title, markdown.render(text), style));
  }
  await cp(join(here, 'example.mjs'), join(out, 'docs/example.mjs'));
}
