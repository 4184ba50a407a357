// SPDX-License-Identifier: Apache-2.0
//
// migrations/schema.sql is what the migrations make: the tables as pg_dump prints them, without functions and grants, so
// that a review shows the net effect. Compares; with --write, writes it anew.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Cluster, ROOT, pgBin } from '../lib/cluster.ts';

const FILE = join(ROOT, 'migrations/schema.sql');
const HEAD = `-- SPDX-License-Identifier: Apache-2.0
--
-- Made by \`node tests/lint/schema.ts --write\` from the migrations, for reading; never applied.
`;

function dump(cluster: Cluster): string {
  execFileSync(join(ROOT, 'migrations/apply.sh'), ['--tables-only', '--quiet', '--dsn', cluster.dsn('schema', 'postgres')]);
  const text = execFileSync(pgBin('pg_dump'), ['--schema-only', '--schema=parley', '--no-owner', '--no-privileges', '-d', cluster.dsn('schema', 'postgres')], { encoding: 'utf8' });
  // Without what depends on the version of pg_dump: its comments, settings and \restrict lines.
  const lines = text.split('\n').filter((line) => !/^(--|SET |SELECT pg_catalog\.set_config|\\)/.test(line));
  return `${HEAD}${lines.join('\n').replace(/\n{2,}/g, '\n\n').trimEnd()}\n`;
}

const cluster = await Cluster.start();
try {
  await cluster.sql('postgres', 'CREATE DATABASE schema');
  const made = dump(cluster);
  if (process.argv.includes('--write')) {
    writeFileSync(FILE, made);
  } else if (!existsSync(FILE) || readFileSync(FILE, 'utf8') !== made) {
    console.log('migrations/schema.sql is not what the migrations make: conf/node.sh node tests/lint/schema.ts --write');
    process.exitCode = 1;
  }
} finally {
  await cluster.stop();
}
