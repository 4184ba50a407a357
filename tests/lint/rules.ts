// SPDX-License-Identifier: Apache-2.0
//
// The project's own rules, each one function that says what breaks it. Reads the files that git knows; changes nothing.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { t as adminTexts } from '../../www/admin/strings.ts';
import { en } from '../../www/app/strings/en.ts';

process.chdir(resolve(import.meta.dirname, '../..'));

interface Source {
  path: string;
  text: string;
  lines: string[];
}

type Rule = (files: Source[]) => string[];

const BINARY = /\.(png|jpg|webp|ico|woff2|gz)$/;

function readSources(): Source[] {
  const known = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  return known.split('\0').filter((path) => path && existsSync(path) && statSync(path).isFile() && !BINARY.test(path)).map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path, text, lines: text.split('\n') };
  });
}

const isCode = ({ path }: Source): boolean => /\.(c|h|ts|tsx|mjs|js|sql|psql|spec|sh|css|conf|in|apt)$|^Makefile$|^conf\/run|\/(run|install|sweep|render|tidy)$/.test(path);

/** The licence in the first line, or in the second where the first names an interpreter. */
const licence: Rule = (files) =>
  files.filter((file) => isCode(file) && file.path !== 'migrations/schema.sql' && !file.path.startsWith('.git'))
    .filter(({ lines }) => !lines.slice(0, 2).some((line) => line.includes('SPDX-License-Identifier: Apache-2.0')))
    .map(({ path }) => `${path}:1: wants SPDX-License-Identifier: Apache-2.0 in its first line`);

/** What waits is an issue, not a mark in the code. */
const marks: Rule = (files) =>
  files.filter((file) => isCode(file) && file.path !== 'tests/lint/rules.ts').flatMap(({ path, lines }) =>
    lines.flatMap((line, i) => (/\b(TODO|FIXME|XXX|HACK)\b/.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])));

/** Calls go down only: program → web → lib, relay → lib. A folder's own headers are always its to include. */
const MAY_INCLUDE: Record<string, string[]> = { lib: [], web: ['lib'], relay: ['lib'], worker: ['lib'] };
const PROGRAM = ['web', 'lib'];
const FOREIGN: [pattern: RegExp, folders: RegExp][] = [[/^fcgi(app|_stdio|_config)\.h$/, /^web$/], [/^libwebsockets\.h$/, /^relay$/], [/^uv\.h$/, /^(relay|lib|worker)$/]];

function includeEdges(files: Source[]): string[] {
  return files.filter(({ path }) => /^fcgi\/.*\.[ch]$/.test(path)).flatMap(({ path, lines }) => {
    const folder = path.split('/')[1]!;
    const may = [folder, ...(MAY_INCLUDE[folder] ?? PROGRAM)];
    return lines.flatMap((line, i) => {
      const [, own, foreign] = /^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)/.exec(line) ?? [];
      if (own && !may.includes(dirname(own).split('/')[0]!)) return [`${path}:${i + 1}: ${folder} may not include ${own}`];
      const barred = foreign && FOREIGN.find(([pattern, folders]) => pattern.test(foreign) && !folders.test(folder));
      return barred ? [`${path}:${i + 1}: ${folder} may not include <${foreign}>`] : [];
    });
  });
}

/** The client library knows nothing of the screen, and only the one markdown component sets HTML. */
const webEdges: Rule = (files) =>
  files.filter(({ path }) => /^www\/.*\.tsx?$/.test(path)).flatMap(({ path, lines }) => lines.flatMap((line, i) => {
    const from = /^\s*(?:import|export)\b.*from '([^']+)'/.exec(line)?.[1] ?? '';
    const where = `${path}:${i + 1}:`;
    if (path.startsWith('www/client/') && (/\.\.\/(app|admin)\//.test(from) || /^(preact|@preact\/signals)(\/|$)/.test(from))) return [`${where} the client library may not import ${from}`];
    if (/\b(innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML)\b/.test(line) && !/^\s*(\/\/|\/?\*)/.test(line) && !/markdown/i.test(basename(path))) return [`${where} HTML is set in the markdown component only`];
    return [];
  }));

/** SQL lives in sql/ and migrations/. C calls functions by name and listens; nothing else. */
const STATEMENT = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|ALTER|DROP|TRUNCATE|GRANT|BEGIN|COMMIT|NOTIFY|LISTEN|COPY|SET)\b\s+\S/;
const CALL = /^SELECT (\* FROM )?api\.(%s|[a-z_]+)\(|^LISTEN /;

const sqlText: Rule = (files) =>
  files.filter(({ path }) => /^(fcgi|www)\/.*\.(c|h|ts|tsx)$/.test(path)).flatMap(({ path, lines }) => lines.flatMap((line, i) =>
    [...line.matchAll(/"((?:[^"\\]|\\.)*)"/g)].filter(([, text]) => STATEMENT.test(text!) && !CALL.test(text!)).map(([text]) => `${path}:${i + 1}: SQL outside of sql/: ${text}`)));

/** sql/load.sql names each file once, and path = name: sql/<domain>/<verb>.sql makes api.<domain>_<verb>. */
const sqlFiles: Rule = (files) => {
  const index = files.find(({ path }) => path === 'sql/load.sql')!;
  const named = [...index.text.matchAll(/^\\ir (\S+)$/gm)].map((match) => `sql/${match[1]}`);
  const there = files.map(({ path }) => path).filter((path) => /^sql\/[^/]+\/.*\.sql$/.test(path));
  const functions = files.filter(({ path }) => /^sql\/[^/]+\/[^_][^/]*\.sql$/.test(path)).filter(({ path, text }) => {
    const name = path.replace(/^sql\/([^/]+)\/(.*)\.sql$/, '$1_$2');
    return !text.includes(`FUNCTION api.${name}(`);
  });
  const open = files.filter(({ path }) => /^sql\/.*\/.*\.sql$/.test(path)).filter(({ text }) =>
    (text.match(/CREATE FUNCTION api\./g)?.length ?? 0) !== (text.match(/SECURITY DEFINER\s+SET search_path = pg_catalog, pg_temp/g)?.length ?? 0));
  return [
    ...there.filter((path) => !named.includes(path)).map((path) => `sql/load.sql: does not name ${path}`),
    ...named.filter((path, i) => !there.includes(path) || named.indexOf(path) !== i).map((path) => `sql/load.sql: ${path} is not there, or named twice`),
    ...functions.map(({ path }) => `${path}:1: does not make the function its path names`),
    ...open.map(({ path }) => `${path}: each api function is SECURITY DEFINER SET search_path = pg_catalog, pg_temp`),
  ];
};

/** Exact versions, and a lock file that does not say where a copy was fetched. */
const packages: Rule = (files) =>
  files.filter(({ path }) => /(^|\/)package(-lock)?\.json$/.test(path)).flatMap(({ path, text, lines }) => {
    if (path.endsWith('-lock.json')) return lines.flatMap((line, i) => (/"resolved"/.test(line) ? [`${path}:${i + 1}: "resolved" (see .npmrc)`] : []));
    const json = JSON.parse(text) as Record<string, Record<string, string> | undefined>;
    return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) => Object.entries(json[kind] ?? {}))
      .filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version)).map(([name, version]) => `${path}: ${name} ${version} is no exact version`);
  });

/** Every key of the configuration is read, every problem given, every SQL function called. */
const unused: Rule = (files) => {
  const all = (pattern: RegExp, without?: RegExp): string => files.filter(({ path }) => pattern.test(path) && !without?.test(path)).map(({ text }) => text).join('\n');
  const names = (path: string, pattern: RegExp): string[] => [...all(new RegExp(`^${path}$`)).matchAll(pattern)].map((match) => match[1]!);
  const c = all(/^fcgi\/.*\.c$/, /^fcgi\/lib\/(config|error)\.c$/);
  const sql = all(/^sql\/.*\/.*\.sql$/).replace(/^--.*$/gm, '').replace(/CREATE FUNCTION \S+\(/g, '');
  const workers = names('fcgi/lib/config\\.c', /AT\((\w+)\)\}/g);
  const keys = names('fcgi/lib/config\\.c', /^ *(?:TEXT|INT|BOOL|CHOICE|RATE)\((\w+)/gm).filter((key) => key !== 'relays' && !workers.includes(key));
  const problems = names('fcgi/lib/error\\.c', /\[ERROR_\w+\] = \{"(\w+)"/g).filter((name) => name !== 'ok');
  const functions = names('sql/.*\\.sql', /^CREATE FUNCTION ((?:api|parley)\.\w+)\(/gm).filter((name) => !/^api\.admin_(bootstrap|rescue)$/.test(name));
  return [
    ...keys.filter((key) => !new RegExp(`(->|\\.)${key}\\b`).test(c)).map((key) => `fcgi/lib/config.c: nothing reads ${key}`),
    ...problems.filter((name) => !c.includes(`ERROR_${name.toUpperCase()}`) && !sql.includes(`'${name}'`)).map((name) => `fcgi/lib/error.c: nothing gives ${name}`),
    ...functions.filter((name) => (name.startsWith('api.') ? !c.includes(`"${name.slice(4)}"`) && name !== 'api.common_connect' : !sql.includes(`${name}(`)))
      .map((name) => `sql: nothing calls ${name}`),
  ];
};

/** Every text for people is shown: by its path (`t.side.add`), or with a whole part of the catalogue (`t.roles[role]`). */
function unshown(path: string, texts: object, code: string): string[] {
  return Object.entries(texts).flatMap(([key, value]: [string, unknown]) => {
    const name = `${path}.${key}`;
    const shown = new RegExp(`\\b${name.replaceAll('.', '\\.')}\\b(?!\\.\\w)`).test(code);
    if (shown || typeof value !== 'object' || value === null) return shown ? [] : [name];
    return unshown(name, value, code);
  });
}

const texts: Rule = (files) => {
  const code = (folder: string): string => files.filter(({ path }) => path.startsWith(folder) && /\.tsx?$/.test(path)).map(({ text }) => text).join('\n');
  const [app, admin] = [code('www/app/'), code('www/admin/')];
  return [
    ...unshown('t', en, `${app}\n${admin.replaceAll(/\bt\./g, '').replaceAll(/\bapp\./g, 't.')}`).map((name) => `www/app/strings/en.ts: nothing shows ${name}`),
    ...unshown('t', adminTexts, admin).map((name) => `www/admin/strings.ts: nothing shows ${name}`),
  ];
};

const RULES: Record<string, Rule> = { licence, marks, includeEdges, webEdges, sqlText, sqlFiles, packages, unused, texts };

const files = readSources();
const broken = Object.values(RULES).flatMap((rule) => rule(files));
for (const line of broken) console.log(line);
process.exit(broken.length > 0 ? 1 : 0);
