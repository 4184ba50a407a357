// SPDX-License-Identifier: Apache-2.0
//
// Where the application starts: each part that listens to the page is started
// once, the screen is drawn, the client finds out who is logged in.

import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/gate.css';
import './style/side.css';
import './style/conversation.css';
import './style/message.css';
import './style/composer.css';
import './style/pages.css';
import { render } from 'preact';
import { startNotices } from './actions/notices.ts';
import { startUpgrades } from './actions/upgrade.ts';
import { startCalendar } from './lib/dates.ts';
import { startRouter } from './lib/router.ts';
import { startViewport } from './lib/viewport.ts';
import { client } from './state/client.ts';
import { startPrefs } from './state/prefs.ts';
import { startTitle } from './state/title.ts';
import { App } from './ui/app.tsx';

function wake(): void {
  if (document.visibilityState === 'visible') client.wake();
  else client.flush();
}

startPrefs();
startRouter();
startCalendar();
startViewport();
startTitle();
startNotices();
startUpgrades();
for (const event of ['online', 'offline']) addEventListener(event, () => client.wake());
addEventListener('focus', wake);
document.addEventListener('visibilitychange', wake);
addEventListener('pagehide', () => client.flush());
render(<App />, document.getElementById('app')!);
void client.start();
