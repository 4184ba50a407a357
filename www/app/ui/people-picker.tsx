// SPDX-License-Identifier: Apache-2.0
//
// Chooses several people: chips of the chosen, a field, and who matches.

import { useId, useRef, useState } from 'preact/hooks';
import { Check, X } from 'lucide';
import type { Account } from '../../client/index.ts';
import { problemText } from '../actions/problems.ts';
import { myId } from '../state/client.ts';
import { t } from '../strings/index.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { usePeople } from './people-search.tsx';

export interface PickerProps {
  chosen: readonly Account[];
  onChange: (chosen: Account[]) => void;
  /** Who cannot be chosen, and why that is said. */
  taken?: ReadonlySet<string>;
  label: string;
  hint?: string;
  autofocus?: boolean;
}

function Chips({ chosen, drop }: { chosen: readonly Account[]; drop: (id: string) => void }) {
  return (
    <>
      {chosen.map((person) => (
        <span class="chip" key={person.id}>
          <Avatar id={person.id} name={person.display_name} size={20} />
          <span class="one-line" dir="auto">
            {person.display_name}
          </span>
          <button type="button" aria-label={t.groups.remove(person.display_name)} onClick={() => drop(person.id)}>
            <Icon icon={X} size={14} />
          </button>
        </span>
      ))}
    </>
  );
}

export function PeoplePicker({ chosen, onChange, taken, label, hint, autofocus }: PickerProps) {
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const { people, problem, busy } = usePeople(query);
  const has = (person: Account) => chosen.some((one) => one.id === person.id);
  const options = people.filter((person) => person.id !== myId());
  const toggle = (person: Account) => {
    if (taken?.has(person.id)) return;
    onChange(has(person) ? chosen.filter((one) => one.id !== person.id) : [...chosen, person]);
    setQuery('');
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Backspace' && !query && chosen.length > 0) onChange(chosen.slice(0, -1));
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      setAt((at + (event.key === 'ArrowDown' ? 1 : options.length - 1)) % Math.max(1, options.length));
    } else if (event.key === 'Enter' && query) {
      event.preventDefault();
      if (options[at]) toggle(options[at]);
    }
  };
  return (
    <div class="field picker">
      <label for={id}>
        {label} {hint && <span class="hint">· {hint}</span>}
      </label>
      <div class="picker-field input" onClick={() => field.current?.focus()}>
        <Chips chosen={chosen} drop={(gone) => onChange(chosen.filter((one) => one.id !== gone))} />
        <input
          id={id}
          ref={field}
          value={query}
          dir="auto"
          autocomplete="off"
          placeholder={chosen.length ? '' : t.people.placeholder}
          data-autofocus={autofocus ? '' : undefined}
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={options[at] ? `${id}-${at}` : undefined}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul class="rows picker-list" role="listbox" id={`${id}-list`} aria-label={label} aria-multiselectable="true">
        {options.map((person, index) => (
          <li
            key={person.id}
            id={`${id}-${index}`}
            role="option"
            aria-selected={has(person)}
            aria-disabled={taken?.has(person.id)}
            class={`row active-able${index === at && query ? ' active' : ''}`}
            onClick={() => toggle(person)}
          >
            <Avatar id={person.id} name={person.display_name} size={28} />
            <span class="grow">
              <span class="name one-line" dir="auto">
                {person.display_name}
              </span>
              <span class="about one-line">@{person.login}</span>
            </span>
            {taken?.has(person.id) ? <span class="muted small">{t.members.alreadyIn}</span> : has(person) && <Icon icon={Check} class="accent" />}
          </li>
        ))}
      </ul>
      {problem && <p class="problem">{problemText(problem)}</p>}
      {!busy && !problem && options.length === 0 && <p class="muted small">{t.people.none(query)}</p>}
    </div>
  );
}
