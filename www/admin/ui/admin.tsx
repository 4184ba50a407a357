// SPDX-License-Identifier: Apache-2.0
//
// The frame: who may be here, the tabs, and the tab that is open.

import { useEffect, useState } from 'preact/hooks';
import { ArrowLeft, Radio, ScrollText, Ticket, Users } from 'lucide';
import { checkGiven, refusedLogin } from '../../app/ui/checks.ts';
import { Forgot, Gate, ProblemBox } from '../../app/ui/gate.tsx';
import { Icon } from '../../app/ui/icon.tsx';
import { Nothing } from '../../app/ui/nothing.tsx';
import { Field, PasswordField } from '../../app/ui/password-field.tsx';
import { Toasts } from '../../app/ui/toasts.tsx';
import { useForm } from '../../app/ui/use-form.ts';
import { dialog } from '../../app/state/screen.ts';
import { t as app } from '../../app/strings/index.ts';
import { TABS, type Tab, go, pathOf, tab } from '../address.ts';
import { api } from '../api.ts';
import { findOut, stand } from '../state.ts';
import { t } from '../strings.ts';
import { InvitesTab } from './invites.tsx';
import { PeopleTab } from './people.tsx';
import { RecordTab } from './record.tsx';
import { RelaysTab } from './relays.tsx';

const icons = { people: Users, invites: Ticket, relays: Radio, record: ScrollText };
const views: Record<Tab, () => preact.JSX.Element> = { people: PeopleTab, invites: InvitesTab, relays: RelaysTab, record: RecordTab };

function LogIn() {
  const form = useForm();
  const [login, setLogin] = useState('');
  const [password, setPassword] = useState('');
  const submit = async (event: Event) => {
    event.preventDefault();
    if (await form.check(checkGiven(login, password), () => api.logIn(login.trim(), password), refusedLogin)) void findOut();
  };
  return (
    <Gate title={t.gate.title} about={t.gate.about}>
      <form class="gate-form" onSubmit={(event) => void submit(event)} noValidate>
        <Field label={app.login.name} name="login" value={login} onInput={setLogin} problem={form.problems.login} autocomplete="username" autofocus plainLetters />
        <PasswordField label={app.login.password} name="password" value={password} onInput={setPassword} problem={form.problems.password} autocomplete="current-password" />
        <ProblemBox text={form.problems.form} />
        <button class="button primary" disabled={form.busy}>
          {form.busy ? app.login.busy : app.login.submit}
        </button>
      </form>
      <Forgot answer={t.gate.forgot} />
    </Gate>
  );
}

function Refused({ title, about }: { title: string; about: string }) {
  return (
    <Gate title={title} about={about}>
      <a class="button primary" href="/">
        {t.gate.openChat}
      </a>
    </Gate>
  );
}

function Tabs() {
  const follow = (event: MouseEvent, one: Tab) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    go(pathOf(one));
  };
  return (
    <nav class="admin-side" aria-label={t.title}>
      <p class="admin-title">{t.title}</p>
      {TABS.map((one) => (
        <a key={one} href={pathOf(one)} aria-current={tab.value === one ? 'page' : undefined} onClick={(event) => follow(event, one)}>
          <Icon icon={icons[one]} />
          <span>{t.tabs[one]}</span>
        </a>
      ))}
      <a class="admin-back" href="/">
        <Icon icon={ArrowLeft} />
        <span>{t.toChat}</span>
      </a>
    </nav>
  );
}

export function Admin() {
  const { value: at } = stand;
  useEffect(() => void findOut(), []);
  useEffect(() => {
    document.title = `${t.tabs[tab.value]} · ${t.title} · Parley`;
  }, [tab.value, at]);
  if (at === 'asking') return <div class="admin" aria-busy="true" />;
  if (at === 'anonymous') return <LogIn />;
  if (at === 'refused') return <Refused title={t.gate.notAdmin} about={t.gate.notAdminAbout} />;
  if (at === 'password') return <Refused title={t.gate.password} about={t.gate.passwordAbout} />;
  if (at !== 'in') return <Nothing alert about={at.problem} action={{ label: t.tryAgain, run: () => void findOut() }} />;
  const View = views[tab.value];
  return (
    <div class="admin">
      <Tabs />
      <main class="admin-main">
        <View key={tab.value} />
      </main>
      {dialog.value?.()}
      <Toasts />
    </div>
  );
}
