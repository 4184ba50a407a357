// SPDX-License-Identifier: Apache-2.0
//
// Bad input for every door, made from the programs' own tables: their routes, the relay's commands, the members that any of
// them reads, the problems there are. What is added to those is covered without a word here.

import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './cluster.ts';

const sources = (pattern: string): string => globSync(pattern, { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8')).join('\n');

export interface Route {
  method: string;
  pattern: string;
  access: string;
  body: boolean;
}

/** What a program prints with --routes. */
export function routesOf(program: string): Route[] {
  return execFileSync(program, ['--routes'], { encoding: 'utf8' }).trim().split('\n').map((line) => {
    const [method, pattern, access, body] = line.split(/\s+/) as [string, string, string, string];
    return { method, pattern, access, body: body === 'body=json' };
  });
}

/** The relay's own routes, by its table. */
export const LIVE_ROUTES = [...sources('fcgi/relay/transport.c').matchAll(/\{"(\w+)", ENDPOINT_\w+, LWSHUMETH_(\w+)/g)].map(([, leaf, method]) => ({ method: method!, pattern: `/live/${leaf}` }));

/** The relay's commands, by its table. */
export const COMMANDS = [...sources('fcgi/relay/command.c').matchAll(/\{"(\w+)", RATE_/g)].map(([, name]) => name!);

/** Each problem and its status, by the table of errors. */
export const PROBLEMS = new Map([...sources('fcgi/lib/error.c').matchAll(/\[ERROR_\w+\] = \{"(\w+)",\s*"[^"]*",\s*(\d+)/g)].map(([, name, status]) => [name!, Number(status)]));

export type Kind = 'id' | 'ids' | 'uuid' | 'text' | 'int' | 'bool' | 'choice' | 'array' | 'object';

/** The members that a program's own sources read, or what they include of the base; and as what. */
export function membersOf(program: string): Map<string, Kind> {
  const members = new Map<string, Kind>();
  const own = sources(`fcgi/${program}/*.c`);
  const base = [...new Set([...own.matchAll(/#include "lib\/(\w+)\.h"/g)].map(([, name]) => name!))].map((name) => sources(`fcgi/lib/${name}.c`));
  const reads = /\b(json_(?:need|want)_\w+|\w+_(?:need|want)_\w+|clearable)\([^"()]*"(\w+)"/g;
  for (const [, reader, name] of [own, ...base].join('\n').matchAll(reads)) {
    const kind = /_(id|ids|uuid|int|bool|choice|array|object)$/.exec(reader!)?.[1] as Kind | undefined;
    members.set(name!, kind ?? (reader!.endsWith('_seq') ? 'int' : 'text'));
  }
  return members;
}

/** An object in which every member is as it should be, for as many readers as possible. */
export function good(members: Map<string, Kind>, id: string, conversation: string): Record<string, unknown> {
  const by: Record<Kind, unknown> = { id, ids: [id], uuid: crypto.randomUUID(), text: 'a text of its own', int: 1, bool: false, choice: 'member', array: [], object: {} };
  const own: Record<string, unknown> = { conversation, login: `x${crypto.randomUUID().slice(0, 8)}`, visibility: 'private', notify: 'all', state: 'online', emoji: '👍', muted_until: null };
  return Object.fromEntries([...members].map(([name, kind]) => [name, name in own ? own[name] : by[kind]]));
}

/** What a member may be set to that is seldom right: other types, edges of numbers and ids, texts that hurt. */
export const VALUES: unknown[] = [
  null, true, 0, -1, 1.5, 2 ** 53, 1e300, '', ' ', '0', '01', '-1', '1e3', '9223372036854775807', '9223372036854775808', 'NaN', 'infinity',
  '\u202e', '\u0001', '\ufffe', '\u200b', "'; DROP TABLE x; --", '{"a":1}', '{1,2}', '\\', '%', '2026-13-45T99:99:99Z', '294277-01-01', 'x'.repeat(20_000),
  '😀'.repeat(20_000), 'a\u0301'.repeat(9000), [], [null], ['1', 'x'], [[]], ['1', '1'], Array.from({ length: 1001 }, (_, i) => String(i + 1)),
  {}, { x: 1 }, { 1: -1 }, { __proto__: 1 },
];

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');
const around = (middle: Buffer): Buffer => Buffer.concat([Buffer.from('{"type":"ping","x":"'), middle, Buffer.from('"}')]);

/** Bodies and frames that are no JSON that is taken; each is `malformed`. */
export const MALFORMED: [what: string, bytes: Buffer][] = ([
  ['a word', 'hello'], ['half an object', '{"type":"ping"'], ['two values', '{"type":"ping"} {}'], ['a BOM', '\ufeff{"type":"ping"}'], ['NaN', '{"type":"ping","n":NaN}'],
  ['a single quote', "{'type':'ping'}"], ['a comment', '{"type":"ping"/**/}'], ['a leading zero', '{"type":"ping","n":01}'], ['a raw newline in a text', '{"type":"ping","x":"\n"}'],
  ['a repeated key', '{"type":"ping","ty\\u0070e":"ping"}'], ['NUL', '{"type":"ping","x":"\\u0000"}'], ['NUL in a key', '{"type":"ping","\\u0000":1}'], ['a raw NUL', '{"type":"ping"}\0'],
  ['a lone surrogate', '{"type":"ping","x":"\\ud800"}'], ['a low surrogate first', '{"type":"ping","x":"\\udc00\\ud800"}'], ['nested too deep', `{"type":"ping","x":${'['.repeat(16)}${']'.repeat(16)}}`],
  ['nested without end', '['.repeat(200_000)], ['too many arrays', `[${'[],'.repeat(4001)}[]]`], ['too many values', `[${'1,'.repeat(20_001)}1]`], ['null', 'null'], ['UTF-16', bytes('fffe7b007d00')],
  ['an overlong form', around(bytes('c0af'))], ['a surrogate in UTF-8', around(bytes('eda080'))], ['beyond Unicode', around(bytes('f4908080'))], ['a byte that is none', around(bytes('ff'))], ['a character cut short', around(bytes('e282'))],
] as [string, string | Buffer][]).map(([what, data]) => [what, Buffer.from(data as string)]);
