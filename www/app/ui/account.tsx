// SPDX-License-Identifier: Apache-2.0
//
// One's own account: name, password, devices, notices, look and feel.

import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Laptop, LogOut, Smartphone } from 'lucide';
import type { SessionInfo } from '../../client/index.ts';
import { askForNotices, noticesAllowed, playSound } from '../actions/notices.ts';
import { attempt, problemText } from '../actions/problems.ts';
import { exactly, when } from '../lib/dates.ts';
import { client } from '../state/client.ts';
import { type Theme, desktopNotices, enterSends, moreContrast, noticeSound, showFormatting, showLastMessages, theme } from '../state/prefs.ts';
import { openDialog, toast } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Avatar } from './avatar.tsx';
import { checkLength } from './checks.ts';
import { Icon } from './icon.tsx';
import { LogOutDialog } from './log-out.tsx';
import { Nothing } from './nothing.tsx';
import { Page } from './page.tsx';
import { PasswordForm } from './password.tsx';
import { Field } from './password-field.tsx';
import { ListSkeleton } from './skeleton.tsx';
import { useForm } from './use-form.ts';

function Part({ title, about, children }: { title: string; about?: string; children: ComponentChildren }) {
  return (
    <section class="part">
      <div class="part-head">
        <h2>{title}</h2>
        {about && <p class="muted small">{about}</p>}
      </div>
      <div class="part-body">{children}</div>
    </section>
  );
}

function Profile() {
  const account = client.account.value!;
  const form = useForm();
  const [name, setName] = useState(account.display_name);
  const submit = async (event: Event) => {
    event.preventDefault();
    const text = name.trim();
    const work = () => client.updateProfile({ display_name: text });
    if (await form.check(checkLength('name', text, 80, t.register.nameBad), work, (error) => ({ name: problemText(error) }))) toast(t.account.saved);
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)} noValidate>
      <div class="profile-top">
        <Avatar id={account.id} name={name || account.display_name} size={72} />
        <div class="grow">
          <Field label={t.account.displayName} name="display_name" value={name} onInput={setName} problem={form.problems.name} autocomplete="name" />
        </div>
      </div>
      <p class="small muted">
        {t.account.login}: <span class="code-like">{account.login}</span>
      </p>
      <div class="actions">
        <button class="button primary" disabled={form.busy || name.trim() === account.display_name}>
          {t.save}
        </button>
      </div>
    </form>
  );
}

function Device({ session, onGone }: { session: SessionInfo; onGone: () => void }) {
  const phone = /phone|android|ios|mobile/i.test(session.device);
  const revoke = async () => {
    if (!(await attempt(() => client.revokeSession(session.id)))) return;
    toast(t.account.loggedOutThere);
    onGone();
  };
  const used = Date.parse(session.last_seen);
  const created = Date.parse(session.created);
  return (
    <li class="row">
      <Icon icon={phone ? Smartphone : Laptop} class="muted" />
      <span class="grow">
        <span class="name one-line" title={session.device}>
          {session.device || t.account.unknownDevice}
        </span>
        <span class="about one-line" title={`${t.account.since(exactly(created))}\n${t.account.lastUsed(exactly(used))}`}>
          {session.current ? t.account.since(when(created)) : t.account.lastUsed(when(used))}
        </span>
      </span>
      {session.current ? (
        <span class="tag">{t.account.thisDevice}</span>
      ) : (
        <button type="button" class="button slim" onClick={() => void revoke()}>
          {t.account.logOutThere}
        </button>
      )}
    </li>
  );
}

function Devices() {
  const [list, setList] = useState<readonly SessionInfo[] | null>(null);
  const [problem, setProblem] = useState('');
  const load = () => {
    setProblem('');
    client.sessions().then(
      (sessions) => setList([...sessions].sort((a, b) => Number(b.current) - Number(a.current) || b.last_seen.localeCompare(a.last_seen))),
      (error) => setProblem(problemText(error)),
    );
  };
  useEffect(load, [client.phase.value]);
  if (problem) return <Nothing alert about={problem} action={{ label: t.tryAgain, run: load }} />;
  if (!list) return <ListSkeleton rows={2} />;
  return (
    <ul class="rows flush">
      {list.map((session) => (
        <Device key={session.id} session={session} onGone={load} />
      ))}
    </ul>
  );
}

function Setting({ label, about, value, onChange, disabled }: { label: string; about?: string; value: boolean; onChange: (on: boolean) => void; disabled?: boolean }) {
  return (
    <label class="setting">
      <input type="checkbox" checked={value} disabled={disabled} onChange={(event) => onChange(event.currentTarget.checked)} />
      <span>
        {label}
        {about && <span class="about">{about}</span>}
      </span>
    </label>
  );
}

const bind = (pref: Signal<boolean>) => ({ value: pref.value, onChange: (on: boolean) => (pref.value = on) });

function Notices() {
  const [state, setState] = useState(noticesAllowed());
  const set = async (on: boolean) => {
    desktopNotices.value = on && (await askForNotices());
    setState(noticesAllowed());
  };
  const about = state === 'insecure' ? t.account.desktopInsecure : state === 'denied' ? t.account.desktopDenied : undefined;
  return (
    <>
      <Setting
        label={t.account.desktop}
        {...(about ? { about } : {})}
        disabled={state === 'insecure' || state === 'denied'}
        value={desktopNotices.value && state === 'granted'}
        onChange={(on) => void set(on)}
      />
      <Setting
        label={t.account.sound}
        value={noticeSound.value}
        onChange={(on) => {
          noticeSound.value = on;
          if (on) playSound();
        }}
      />
    </>
  );
}

function Look() {
  return (
    <>
      <fieldset class="segments" aria-label={t.account.theme}>
        {(Object.keys(t.account.themes) as Theme[]).map((one) => (
          <label key={one}>
            <input type="radio" name="theme" class="unseen" checked={theme.value === one} onChange={() => (theme.value = one)} />
            <span>{t.account.themes[one]}</span>
          </label>
        ))}
      </fieldset>
      <Setting label={t.account.contrast} {...bind(moreContrast)} />
      <Setting label={t.account.lastMessages} {...bind(showLastMessages)} />
      <Setting label={t.account.formatting} {...bind(showFormatting)} />
      <Setting label={t.account.enterSends} about={t.account.enterSendsAbout} {...bind(enterSends)} />
    </>
  );
}

export function AccountPage() {
  if (!client.account.value) return null;
  const tools = (
    <button type="button" class="button slim" onClick={() => openDialog(() => <LogOutDialog />)}>
      <Icon icon={LogOut} size={16} />
      {t.account.logOut}
    </button>
  );
  return (
    <Page title={t.account.title} tools={tools}>
      <Part title={t.account.profile}>
        <Profile />
      </Part>
      <Part title={t.account.look}>
        <Look />
      </Part>
      <Part title={t.account.notices} about={t.account.noticesAbout}>
        <Notices />
      </Part>
      <Part title={t.account.devices} about={t.account.devicesAbout}>
        <Devices />
      </Part>
      <Part title={t.account.password}>
        <PasswordForm />
      </Part>
    </Page>
  );
}
