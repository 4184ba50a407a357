// SPDX-License-Identifier: Apache-2.0
//
// Builds the web application into one directory that any web server can serve.
//
//   node www/build.mjs [--out DIR] [--dev]
//
// Every script, style and font gets its content's hash in its name and may be
// cached for ever; index.html, admin/index.html, sw.js and version.json keep
// their names and must be revalidated. version.json and a <meta> in the pages
// carry the build's id, so that a running page notices that it is outdated.
// Refuses to leave a half-made directory: it builds beside and then swaps.

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import esbuild from 'esbuild';
import { renderDocs } from './docs/render.mjs';

const www = dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    out: { type: 'string', default: join(www, '..', 'build', 'www') },
    dev: { type: 'boolean', default: false },
  },
});
const out = resolve(options.out);
const work = `${out}.new`;

/** Pages: the template, the script's entry, and where the page is served. */
const pages = [
  { template: 'index.html', entry: 'app/main.tsx', page: 'index.html' },
  { template: 'admin/index.html', entry: 'admin/main.tsx', page: 'admin/index.html' },
].filter(({ template, entry }) => existsSync(join(www, template)) && existsSync(join(www, entry)));

const common = {
  absWorkingDir: www,
  bundle: true,
  minify: !options.dev,
  sourcemap: true,
  target: ['chrome123', 'firefox121', 'safari17.5'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  logLevel: 'warning',
};

/** Bundles all entries; returns their outputs by entry, and all files made. */
async function bundle() {
  const result = await esbuild.build({
    ...common,
    entryPoints: [...pages.map(({ entry }) => entry), 'docs/docs.css'],
    outdir: join(work, 'assets'),
    entryNames: '[dir]-[hash]',
    assetNames: '[name]-[hash]',
    chunkNames: 'part-[hash]',
    format: 'esm',
    splitting: pages.length > 1,
    metafile: true,
    legalComments: 'external',
    loader: { '.woff2': 'file', '.svg': 'file', '.png': 'file' },
  });
  const made = new Map();
  const files = Object.keys(result.metafile.outputs).map((name) => resolve(www, name));
  for (const [name, output] of Object.entries(result.metafile.outputs)) {
    if (!output.entryPoint) continue;
    const url = (path) => `/${relative(work, resolve(www, path))}`;
    const parts = output.imports.filter(({ kind }) => kind === 'import-statement').map(({ path }) => url(path));
    made.set(output.entryPoint, { script: url(name), style: output.cssBundle && url(output.cssBundle), parts });
  }
  return { made, files };
}

/** The fonts that the first paint needs, so that text does not change shape. */
function fontsFirst(files) {
  return files
    .map((file) => `/${relative(work, file)}`)
    .filter((url) => /\/inter-latin-wght-normal-[^/]*\.woff2$/.test(url));
}

async function buildId(files) {
  const hash = createHash('sha256');
  for (const file of [...files].sort()) if (!file.endsWith('.map')) hash.update(await readFile(file));
  return hash.digest('hex').slice(0, 12);
}

async function writePages(made, files, build) {
  for (const { template, entry, page } of pages) {
    const { script, style, parts } = made.get(entry);
    const head = [
      `<meta name="parley-build" content="${build}">`,
      ...fontsFirst(files).map((url) => `<link rel="preload" href="${url}" as="font" type="font/woff2" crossorigin>`),
      style && `<link rel="stylesheet" href="${style}">`,
      ...parts.map((url) => `<link rel="modulepreload" href="${url}">`),
      `<script type="module" src="${script}"></script>`,
    ];
    const html = (await readFile(join(www, template), 'utf8')).replace(
      '<!-- build -->',
      head.filter(Boolean).join('\n    '),
    );
    await mkdir(dirname(join(work, page)), { recursive: true });
    await writeFile(join(work, page), html);
  }
}

/** The service worker knows by name all that the application needs to start. */
async function writeWorker(made, files, build) {
  const { script, style, parts } = made.get('app/main.tsx');
  const keep = [script, style, ...parts, ...fontsFirst(files)].filter(Boolean);
  await esbuild.build({
    ...common,
    entryPoints: ['app/sw.ts'],
    outfile: join(work, 'sw.js'),
    format: 'iife',
    sourcemap: false,
    define: { BUILD: JSON.stringify(build), KEEP: JSON.stringify(keep) },
  });
}

async function main() {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const { made, files } = await bundle();
  await cp(join(www, 'assets'), work, { recursive: true });
  const build = await buildId(files);
  await writePages(made, files, build);
  await writeWorker(made, files, build);
  await renderDocs(work, made.get('docs/docs.css').script);
  await writeFile(join(work, 'version.json'), `${JSON.stringify({ build })}\n`);
  await writeFile(join(work, 'assets.json'), `${JSON.stringify(Object.fromEntries(made), null, 2)}\n`);
  await mkdir(dirname(out), { recursive: true });
  await rm(out, { recursive: true, force: true });
  await rename(work, out);
  console.log(`www: build ${build}, ${(await readdir(join(out, 'assets'))).length} assets in ${relative(process.cwd(), out) || out}`);
}

await main();
