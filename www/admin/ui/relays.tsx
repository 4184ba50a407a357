// SPDX-License-Identifier: Apache-2.0
//
// The relays as the database knows them; read again every few seconds while shown.

import { useEffect } from 'preact/hooks';
import { type Relay, api } from '../api.ts';
import { t } from '../strings.ts';
import { Table, TabHead, useListing } from './listing.tsx';

const AGAIN_MS = 3000;

const cellsOf = (relay: Relay) => [
  <strong>{relay.name}</strong>,
  <span class={`tag ${relay.alive ? 'accent' : 'bad'}`}>{relay.alive ? t.relays.alive : t.relays.dead}</span>,
  <>
    <meter class="load" min={0} max={1} value={relay.load} aria-label={t.relays.columns.load} />
    {(relay.load * 100).toFixed(1)} %
  </>,
  relay.region || null,
  t.relays.ago(relay.age),
];

export function RelaysTab() {
  const listing = useListing<Relay>('', async () => ({ items: await api.relays(), more: false }));
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && listing.reload(), AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <>
      <TabHead title={t.tabs.relays} about={t.relays.about} />
      <Table
        listing={listing}
        label={t.tabs.relays}
        columns={Object.values(t.relays.columns)}
        empty={{ title: t.relays.none, about: t.relays.noneAbout }}
        row={(relay) => ({ key: relay.name, cells: cellsOf(relay) })}
      />
    </>
  );
}
