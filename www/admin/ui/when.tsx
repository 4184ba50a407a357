// SPDX-License-Identifier: Apache-2.0
//
// A time as people say it, exact on hover.

import { exactly, when } from '../../app/lib/dates.ts';
import { t } from '../strings.ts';

export function When({ time }: { time: string | null | undefined }) {
  if (!time) return <span class="muted">{t.never}</span>;
  const at = Date.parse(time);
  return (
    <time dateTime={time} title={exactly(at)}>
      {when(at)}
    </time>
  );
}
