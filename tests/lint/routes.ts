// SPDX-License-Identifier: Apache-2.0
//
// Every route that a program prints with --routes is asked for by some test of the API: the same method, and a path of
// the same shape. Says which are not.

import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

const programs = globSync('build/release/bin/*.fcgi', { cwd: root });
const routes = programs.flatMap((program) =>
  execFileSync(join(root, program), ['--routes'], { encoding: 'utf8' }).trim().split('\n')
    .map((line) => line.split(/\s+/)).map(([method, path]) => ({ method: method!, path: path!, program })));

const tests = globSync('tests/api/**/*.test.ts', { cwd: root }).map((path) => readFileSync(join(root, path), 'utf8')).join('\n');

/** Of every text in the tests that is a path: what stands for an id becomes {}, the query goes. */
const asked = new Set([...tests.matchAll(/\b(get|post|patch|put|delete|call)(?:<[^>(]*>)?\(\s*(?:'([A-Z]+)',\s*)?['"`](\/api\/[^'"`]*)['"`]/g)]
  .map(([, call, method, path]) => `${method ?? call!.toUpperCase()} ${shape(path!)}`));

function shape(path: string): string {
  return path.replace(/\$\{[^}]*\}/g, '{}').replace(/\?.*$/, '').split('/')
    .map((segment) => (/^(\{.*|\d+)$/.test(segment) ? '{}' : segment.replace(/\{\}$/, ''))).join('/');
}

const missing = routes.filter(({ method, path }) => !asked.has(`${method} ${shape(path)}`));
for (const { method, path, program } of missing) console.log(`${program}: no test in tests/api asks for ${method} ${path}`);
process.exit(missing.length > 0 || routes.length === 0 ? 1 : 0);
