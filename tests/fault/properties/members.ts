// SPDX-License-Identifier: Apache-2.0
//
// P10: who is not a member sees nothing. What was attempted after an account was known to be out reaches none of its devices
// until it is asked in again, and a live link says nothing of a conversation after `left`.

import type { Finding } from '../checker.ts';
import type { Facts } from '../facts.ts';
import type { Of } from '../history.ts';

type Doors = { out: Of<'out'> | undefined; never: boolean };

export function barrier(facts: Facts): Finding[] {
  const doors = new Map<string, Doors>();
  const left = new Map<string, Of<'left'>>();
  const findings: Finding[] = [];
  for (const entry of facts.entries) {
    if (entry.is === 'in' && entry.phase === 'try') doors.set(`${entry.conversation} ${entry.account}`, { out: undefined, never: false });
    else if (entry.is === 'out' && entry.phase === 'ok') doors.set(`${entry.conversation} ${entry.account}`, { out: entry, never: false });
    else if (entry.is === 'left') left.set(`${entry.life} ${entry.conversation}`, entry);
    else if (entry.is === 'joined') left.delete(`${entry.life} ${entry.conversation}`);
    else if (entry.is === 'saw') {
      const door = doors.get(`${entry.conversation} ${entry.account}`) ?? { out: undefined, never: true };
      const said = facts.texts.get(entry.state.body ?? '');
      const gone = entry.path === 'live' ? left.get(`${entry.life} ${entry.conversation}`) : undefined;
      if (door.never) findings.push({ what: `${entry.device} saw ${entry.state.seq} of a conversation it was never in`, history: [said, entry] });
      else if (door.out && said && said.n > door.out.n) findings.push({ what: `${entry.device} saw "${entry.state.body}", which was said after it was removed`, history: [askedIn(facts, entry), door.out, said, entry] });
      else if (gone) findings.push({ what: `${entry.device} was told of ${entry.state.seq} after it was told that it left`, history: [askedIn(facts, entry), gone, entry] });
    }
  }
  return findings;
}

const askedIn = (facts: Facts, saw: Of<'saw'>): Of<'in'> | undefined =>
  facts.entries.find((entry): entry is Of<'in'> => entry.is === 'in' && entry.conversation === saw.conversation && entry.account === saw.account);
