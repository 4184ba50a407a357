// SPDX-License-Identifier: Apache-2.0
//
// Every route that a program prints with --routes is asked for by some test of the API: the same method, and a path of
// the same shape; and has a row in the table of rights, as has every command of the relay. Says which are not.

import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { COMMANDS as commands, LIVE_ROUTES } from '../lib/input.ts';
import { COMMANDS, ROUTES } from '../security/rights.ts';

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

const names = [...[...routes.map(({ method, path }) => `${method} ${path}`), ...LIVE_ROUTES.map(({ method, pattern }) => `${method} ${pattern}`)]
  .filter((name) => !ROUTES.some((row) => row.name === name)), ...commands.filter((name) => !COMMANDS.some((row) => row.name === name))];
for (const name of names) console.log(`tests/security/rights.ts: no row for ${name}`);
process.exit(missing.length + names.length > 0 || routes.length === 0 ? 1 : 0);
