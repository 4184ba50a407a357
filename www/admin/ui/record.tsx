// SPDX-License-Identifier: Apache-2.0
//
// The record of what administrators did.

import { type Line, api } from '../api.ts';
import { t } from '../strings.ts';
import { Table, TabHead, useListing } from './listing.tsx';
import { When } from './when.tsx';

type Row = Line & { who: string; whom: string };

async function load(last?: Row): Promise<{ items: Row[]; more: boolean }> {
  const { audit, more } = await api.record(last?.id);
  const people = audit.flatMap((line) => [line.account ?? [], line.action.startsWith('invite_') ? [] : (line.subject ?? [])].flat());
  const names = await api.names(people);
  const items = audit.map((line) => ({ ...line, who: line.account ? (names.get(line.account) ?? '') : t.server, whom: names.get(line.subject ?? '') ?? '' }));
  return { items, more };
}

function whatOf(line: Line): string {
  const what = t.record.actions[line.action] ?? line.action;
  const { from, to } = line.detail as { from?: string; to?: string };
  return from && to ? `${what}: ${from} → ${to}` : what;
}

export function RecordTab() {
  const listing = useListing<Row>('', load);
  return (
    <>
      <TabHead title={t.tabs.record} about={t.record.about} />
      <Table
        listing={listing}
        label={t.tabs.record}
        columns={Object.values(t.record.columns)}
        empty={{ title: t.record.none, about: t.record.noneAbout }}
        row={(line) => ({
          key: line.id,
          cells: [<bdi>{whatOf(line)}</bdi>, line.whom ? <bdi>{line.whom}</bdi> : null, <bdi>{line.who}</bdi>, <When time={line.time} />],
        })}
      />
    </>
  );
}
