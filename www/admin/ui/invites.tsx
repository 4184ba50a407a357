// SPDX-License-Identifier: Apache-2.0
//
// Invite links: each is good for one registration, until it expires.

import { useState } from 'preact/hooks';
import { Ticket } from 'lucide';
import { attempt } from '../../app/actions/problems.ts';
import { exactly } from '../../app/lib/dates.ts';
import { toast } from '../../app/state/screen.ts';
import { Icon } from '../../app/ui/icon.tsx';
import { type Invite, api } from '../api.ts';
import { t } from '../strings.ts';
import { Table, TabHead, useListing } from './listing.tsx';
import { showSecret } from './secret.tsx';
import { When } from './when.tsx';

const DAYS = [1, 7, 30, 90];

type Row = Invite & { byName: string; usedName: string };

async function load(last?: Row): Promise<{ items: Row[]; more: boolean }> {
  const { invites, more } = await api.invites(last?.id);
  const names = await api.names(invites.flatMap((invite) => [invite.created_by, invite.used_by ?? []].flat()));
  const items = invites.map((invite) => ({ ...invite, byName: names.get(invite.created_by) ?? '', usedName: names.get(invite.used_by ?? '') ?? '' }));
  return { items, more };
}

function Make({ onMade }: { onMade: () => void }) {
  const [days, setDays] = useState(7);
  const make = async () => {
    const { invite, path } = await api.addInvite(days);
    onMade();
    showSecret(t.secret.inviteTitle, t.secret.inviteAbout(exactly(Date.parse(invite.expires))), location.origin + path);
  };
  return (
    <div class="filters">
      <label class="inline-label">
        {t.invites.days}
        <select class="input" value={String(days)} onChange={(event) => setDays(Number(event.currentTarget.value))}>
          {DAYS.map((n) => (
            <option key={n} value={String(n)}>
              {t.invites.dayCount(n)}
            </option>
          ))}
        </select>
      </label>
      <button type="button" class="button primary" onClick={() => void attempt(make)}>
        <Icon icon={Ticket} size={16} />
        {t.invites.make}
      </button>
    </div>
  );
}

const cellsOf = (invite: Row) => [
  <span class={`tag ${invite.state === 'open' ? 'accent' : ''}`}>{t.invites.states[invite.state]}</span>,
  <When time={invite.created} />,
  <bdi>{invite.byName}</bdi>,
  <When time={invite.expires} />,
  invite.usedName ? <bdi>{invite.usedName}</bdi> : null,
];

export function InvitesTab() {
  const listing = useListing<Row>('', load);
  const withdraw = async (invite: Row) => {
    if (!(await attempt(() => api.dropInvite(invite.id)))) return;
    toast(t.invites.withdrawn);
    listing.reload();
  };
  return (
    <>
      <TabHead title={t.tabs.invites} about={t.invites.about} />
      <Make onMade={listing.reload} />
      <Table
        listing={listing}
        label={t.tabs.invites}
        columns={Object.values(t.invites.columns)}
        empty={{ title: t.invites.none, about: t.invites.noneAbout }}
        row={(invite) => ({ key: invite.id, cells: cellsOf(invite) })}
        act={(invite) =>
          invite.state === 'open' && (
            <button type="button" class="button slim" onClick={() => void withdraw(invite)}>
              {t.invites.withdraw}
            </button>
          )
        }
      />
    </>
  );
}
