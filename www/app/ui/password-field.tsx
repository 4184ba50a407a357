// SPDX-License-Identifier: Apache-2.0
//
// A labelled field for a password that can be shown, and a labelled plain field.

import type { InputHTMLAttributes } from 'preact';
import { useId, useState } from 'preact/hooks';
import { Eye, EyeOff } from 'lucide';
import { t } from '../strings/index.ts';
import { Icon } from './icon.tsx';

export interface FieldProps {
  label: string;
  name: string;
  value: string;
  onInput: (value: string) => void;
  hint?: string | undefined;
  problem?: string | undefined;
  autocomplete?: string;
  autofocus?: boolean;
  maxLength?: number;
  placeholder?: string;
  plainLetters?: boolean;
}

export function Field({ label, name, value, onInput, hint, problem, autofocus, plainLetters, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        class="input"
        id={id}
        name={name}
        value={value}
        dir="auto"
        autocomplete={rest.autocomplete ?? 'off'}
        maxLength={rest.maxLength}
        placeholder={rest.placeholder}
        autocapitalize={plainLetters ? 'none' : undefined}
        spellcheck={plainLetters ? false : undefined}
        data-autofocus={autofocus ? '' : undefined}
        aria-invalid={problem ? 'true' : undefined}
        aria-describedby={hint || problem ? `${id}-about` : undefined}
        onInput={(event) => onInput(event.currentTarget.value)}
      />
      <About id={`${id}-about`} hint={hint} problem={problem} />
    </div>
  );
}

export function PasswordField({ label, name, value, onInput, hint, problem, autofocus, autocomplete }: FieldProps) {
  const id = useId();
  const [shown, show] = useState(false);
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="with-reveal">
        <input
          class="input"
          id={id}
          name={name}
          {...({ type: shown ? 'text' : 'password' } as InputHTMLAttributes)}
          value={value}
          autocomplete={autocomplete ?? 'current-password'}
          autocapitalize="none"
          spellcheck={false}
          data-autofocus={autofocus ? '' : undefined}
          aria-invalid={problem ? 'true' : undefined}
          aria-describedby={hint || problem ? `${id}-about` : undefined}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        <button type="button" class="icon-button" aria-pressed={shown} aria-label={shown ? t.login.hide : t.login.show} onClick={() => show(!shown)}>
          <Icon icon={shown ? EyeOff : Eye} />
        </button>
      </div>
      <About id={`${id}-about`} hint={hint} problem={problem} />
    </div>
  );
}

function About({ id, hint, problem }: { id: string; hint?: string | undefined; problem?: string | undefined }) {
  if (problem) return <p class="problem" id={id} role="alert">{problem}</p>;
  return hint ? <p class="hint" id={id}>{hint}</p> : null;
}
