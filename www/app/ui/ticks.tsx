// SPDX-License-Identifier: Apache-2.0
//
// How far a message of one's own has come: clock, one tick, two, two in accent.

import { Check, CheckCheck, CircleAlert, Clock3 } from 'lucide';
import type { IconNode } from 'lucide';
import type { Delivery, Timeline, TimelineItem } from '../../client/index.ts';
import { t } from '../strings/index.ts';
import { Icon } from './icon.tsx';

const looks: Record<Exclude<Delivery, null>, { icon: IconNode; label: string }> = {
  waiting: { icon: Clock3, label: t.message.waiting },
  sent: { icon: Check, label: t.message.sent },
  received: { icon: CheckCheck, label: t.message.received },
  read: { icon: CheckCheck, label: t.message.read },
  failed: { icon: CircleAlert, label: t.message.failed },
};

export function Ticks({ item, run }: { item: TimelineItem; run: Timeline }) {
  const delivery = run.delivery(item);
  if (!delivery) return null;
  const { icon, label } = looks[delivery];
  return (
    <span class={`ticks ${delivery}`} title={label}>
      <Icon icon={icon} size={15} label={label} />
    </span>
  );
}
