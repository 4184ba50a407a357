// SPDX-License-Identifier: Apache-2.0
//
// What every tab is made of: a listing that comes in pages, and a table with a head that stays. On a phone a row becomes a
// block: the first cell above, the others below it with their column's name, what can be done at its side.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { ComponentChildren } from 'preact';
import { problemText } from '../../app/actions/problems.ts';
import { Nothing } from '../../app/ui/nothing.tsx';
import { ListSkeleton } from '../../app/ui/skeleton.tsx';
import { t } from '../strings.ts';

export interface Page<T> {
  items: T[];
  more: boolean;
}

export interface Listing<T> {
  items: T[] | null;
  more: boolean;
  problem: string;
  reload: () => void;
  loadMore: () => void;
  /** Puts a changed row in place of the one with its key. */
  replace: (fits: (item: T) => boolean, item: T) => void;
}

/** Loads the first page when `key` changes, and the next ones on demand; answers that came too late are dropped. */
export function useListing<T>(key: string, load: (last?: T) => Promise<Page<T>>): Listing<T> {
  const [state, setState] = useState<{ items: T[] | null; more: boolean; problem: string }>({ items: null, more: false, problem: '' });
  const turn = useRef(0);
  const run = (before: T[] | null) => {
    turn.current += 1;
    const mine = turn.current;
    load(before?.at(-1)).then(
      (page) => mine === turn.current && setState({ items: [...(before ?? []), ...page.items], more: page.more, problem: '' }),
      (error) => mine === turn.current && setState({ items: before, more: false, problem: problemText(error) }),
    );
  };
  useEffect(() => run(null), [key]);
  return {
    ...state,
    reload: () => run(null),
    loadMore: () => run(state.items),
    replace: (fits, item) => setState((now) => ({ ...now, items: now.items?.map((one) => (fits(one) ? item : one)) ?? null })),
  };
}

export interface TableProps<T> {
  listing: Listing<T>;
  label: string;
  columns: string[];
  empty: { title: string; about: string };
  /** A row's cells, one a column; a column whose cell is null has nothing to say of it. */
  row: (item: T) => { key: string; cells: ComponentChildren[] };
  /** What can be done with a row. */
  act?: (item: T) => ComponentChildren;
}

export function Table<T>({ listing, label, columns, empty, row, act }: TableProps<T>) {
  const body = (item: T) => {
    const { key, cells } = row(item);
    return (
      <tr key={key}>
        {cells.map((cell, at) => (
          <td key={columns[at]} data-label={columns[at]}>
            {cell}
          </td>
        ))}
        {act && <td class="table-act">{act(item)}</td>}
      </tr>
    );
  };
  if (listing.problem) return <Nothing alert about={listing.problem} action={{ label: t.tryAgain, run: listing.reload }} />;
  if (!listing.items) return <ListSkeleton rows={6} />;
  if (listing.items.length === 0) return <Nothing title={empty.title} about={empty.about} />;
  return (
    <div class="table-scroll" role="region" aria-label={label} tabIndex={0}>
      <table class="table" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            {act && (
              <th scope="col">
                <span class="unseen">{t.actions}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>{listing.items.map(body)}</tbody>
      </table>
      {listing.more && (
        <button type="button" class="button table-more" onClick={listing.loadMore}>
          {t.more}
        </button>
      )}
    </div>
  );
}

/** The head of a tab: its name, a word about it, and what can be done. */
export function TabHead({ title, about, children }: { title: string; about?: string; children?: ComponentChildren }) {
  return (
    <header class="tab-head">
      <div class="grow">
        <h1>{title}</h1>
        {about && <p class="muted">{about}</p>}
      </div>
      {children}
    </header>
  );
}
