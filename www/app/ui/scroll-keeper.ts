// SPDX-License-Identifier: Apache-2.0
//
// Keeps a scrolled list where the person looks while rows come and go above and
// below: either pinned to the end, or held by one visible row (its anchor).
// Knows rows only by their data-key. The browser's own scroll anchoring is off
// for the list, since not every browser has it.

const nearEnd = 12;

export class ScrollKeeper {
  box: HTMLElement | null = null;
  /** Follow the end. Set by the person's scrolling, or by the caller. */
  pinned = true;
  #anchor: { key: string; top: number } | null = null;
  #ownTop = -1;

  rows(): HTMLElement[] {
    return this.box ? [...this.box.querySelectorAll<HTMLElement>('[data-key]')] : [];
  }

  row(key: string): HTMLElement | null {
    return this.box?.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`) ?? null;
  }

  distanceToEnd(): number {
    const { box } = this;
    return box ? box.scrollHeight - box.scrollTop - box.clientHeight : 0;
  }

  /** Remembers what is at the top of the view. Call before the rows change. */
  remember(): void {
    const { box } = this;
    if (!box || this.pinned) {
      this.#anchor = null;
      return;
    }
    const top = box.getBoundingClientRect().top;
    const found = firstBelow(this.rows(), top + 1);
    this.#anchor = found ? { key: found.dataset.key!, top: found.getBoundingClientRect().top - top } : null;
  }

  /** Puts the remembered row back where it was. Call after the rows changed. */
  restore(): void {
    const { box } = this;
    if (!box) return;
    if (this.pinned) {
      this.#set(box.scrollHeight - box.clientHeight);
      return;
    }
    const row = this.#anchor && this.row(this.#anchor.key);
    if (!row) return;
    const moved = row.getBoundingClientRect().top - box.getBoundingClientRect().top - this.#anchor!.top;
    if (Math.abs(moved) >= 1) this.#set(box.scrollTop + moved);
  }

  /** The person scrolled (or the caller did): decides whether the end is followed. */
  scrolled(endShown: boolean): void {
    const { box } = this;
    if (!box || Math.abs(box.scrollTop - this.#ownTop) < 1) {
      this.remember();
      return;
    }
    this.pinned = endShown && this.distanceToEnd() <= nearEnd;
    this.remember();
  }

  /** Shows a row at a share of the height (0 top, 0.5 middle) and lets go of the end. */
  show(key: string, share: number): boolean {
    const { box } = this;
    const row = this.row(key);
    if (!box || !row) return false;
    this.pinned = false;
    const offset = row.getBoundingClientRect().top - box.getBoundingClientRect().top;
    const room = Math.max(0, box.clientHeight - row.offsetHeight);
    this.#set(box.scrollTop + offset - room * share);
    this.remember();
    return true;
  }

  /** Rows that are at least partly visible, first and last. */
  visible(): { first: HTMLElement; last: HTMLElement } | null {
    const { box } = this;
    if (!box) return null;
    const { top, bottom } = box.getBoundingClientRect();
    const rows = this.rows();
    const first = firstBelow(rows, top + 1);
    if (!first) return null;
    let last = first;
    for (let index = rows.indexOf(first); index < rows.length; index += 1) {
      if (rows[index]!.getBoundingClientRect().top >= bottom - 4) break;
      last = rows[index]!;
    }
    return { first, last };
  }

  #set(top: number): void {
    const { box } = this;
    if (!box) return;
    box.scrollTop = top;
    this.#ownTop = box.scrollTop;
  }
}

/** The first row whose lower edge is below y; rows are in order, so by halving. */
function firstBelow(rows: HTMLElement[], y: number): HTMLElement | undefined {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle]!.getBoundingClientRect().bottom <= y) low = middle + 1;
    else high = middle;
  }
  return rows[low];
}
