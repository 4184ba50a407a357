// SPDX-License-Identifier: Apache-2.0
//
// A person, and in which state the account is.

import { Avatar } from '../../app/ui/avatar.tsx';
import type { Person } from '../api.ts';
import { t } from '../strings.ts';

export function Who({ person, size }: { person: Person; size: 28 | 44 }) {
  return (
    <span class="who">
      <Avatar id={person.id} name={person.display_name} size={size} />
      <span class="who-text">
        <span class="name one-line" dir="auto" title={person.display_name}>
          {person.display_name}
        </span>
        <span class="about one-line">{person.login}</span>
      </span>
    </span>
  );
}

export function Tags({ person: { admin, deactivated, must_change_password } }: { person: Person }) {
  return (
    <span class="tags">
      {admin && <span class="tag accent">{t.people.admin}</span>}
      {deactivated && <span class="tag">{t.people.deactivated}</span>}
      {must_change_password && !deactivated && <span class="tag">{t.people.temporary}</span>}
      {!admin && !deactivated && !must_change_password && <span class="muted">{t.people.person}</span>}
    </span>
  );
}
