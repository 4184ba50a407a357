// SPDX-License-Identifier: Apache-2.0
//
// The root: which of the few whole screens is shown, by where the client stands.

import { Component, type ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { loginPath, navigate, route, safeNext, search } from '../lib/router.ts';
import { client } from '../state/client.ts';
import { closeDialog, dialog, quickOpen } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { LoginAgain, LoginPage } from './login.tsx';
import { Nothing } from './nothing.tsx';
import { PasswordPage } from './password.tsx';
import { Quick } from './quick.tsx';
import { RegisterPage } from './register.tsx';
import { Shell } from './shell.tsx';
import { Splash } from './skeleton.tsx';
import { Toasts } from './toasts.tsx';

function Screen() {
  const { value: phase } = client.phase;
  const at = route.value;
  if (phase === 'starting') return <Splash />;
  if (phase === 'password') return <PasswordPage />;
  if (phase === 'anonymous') return at.name === 'register' ? <RegisterPage invite={at.invite} /> : <ToLogin />;
  return (
    <>
      <Inside />
      {phase === 'expired' && <LoginAgain />}
    </>
  );
}

/** Nobody is logged in: the login has an address that remembers where to go on. */
function ToLogin() {
  useEffect(() => {
    if (route.peek().name !== 'login') navigate(loginPath(), { replace: true });
  }, []);
  return <LoginPage />;
}

function Inside() {
  const outside = route.value.name === 'login' || route.value.name === 'register';
  useEffect(() => {
    if (outside) navigate(safeNext(search.peek().get('next')), { replace: true });
  }, [outside]);
  return outside ? <Splash /> : <Desk key={client.account.value?.id} />;
}

/** The screen of one account, with what lies over it: nothing of it outlives the account. */
function Desk() {
  useEffect(() => () => {
    closeDialog();
    quickOpen.value = false;
  }, []);
  return (
    <>
      <Shell />
      {dialog.value?.()}
      {quickOpen.value && <Quick />}
    </>
  );
}

class Guard extends Component<{ children: ComponentChildren }, { crashed: boolean }> {
  override state = { crashed: false };

  static override getDerivedStateFromError() {
    return { crashed: true };
  }

  override componentDidCatch(error: unknown) {
    reportError(error);
  }

  override render() {
    if (!this.state.crashed) return this.props.children;
    return (
      <main class="gate">
        <Nothing title={t.crashed.title} about={t.crashed.about} action={{ label: t.upgrade.reload, run: () => location.reload() }} />
      </main>
    );
  }
}

export function App() {
  return (
    <Guard>
      <Screen />
      <Toasts />
    </Guard>
  );
}
