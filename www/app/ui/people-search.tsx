// SPDX-License-Identifier: Apache-2.0
//
// Searches the directory of people while one types: the newest search wins, the
// last result stays until the next one is there.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Account, Problem } from '../../client/index.ts';
import { client } from '../state/client.ts';

const pauseMs = 120;

export interface Found {
  people: readonly Account[];
  busy: boolean;
  problem: Problem | null;
}

export function usePeople(query: string): Found {
  const [found, setFound] = useState<Found>({ people: [], busy: true, problem: null });
  const turn = useRef(0);
  useEffect(() => {
    turn.current += 1;
    const mine = turn.current;
    const timer = setTimeout(
      () => {
        client.searchPeople(query.trim()).then(
          (page) => mine === turn.current && setFound({ people: page.items, busy: false, problem: null }),
          (problem: Problem) => mine === turn.current && setFound({ people: [], busy: false, problem }),
        );
      },
      query ? pauseMs : 0,
    );
    setFound((before) => ({ ...before, busy: true }));
    return () => clearTimeout(timer);
  }, [query]);
  return found;
}
