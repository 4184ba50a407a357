// SPDX-License-Identifier: Apache-2.0
//
// Where the administration pages start. They share tokens and controls with the application, and nothing else of it runs.

import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import '../app/style/tokens.css';
import '../app/style/base.css';
import '../app/style/controls.css';
import '../app/style/gate.css';
import './admin.css';
import { render } from 'preact';
import { startCalendar } from '../app/lib/dates.ts';
import { startPrefs } from '../app/state/prefs.ts';
import { startAddress } from './address.ts';
import { Admin } from './ui/admin.tsx';

startPrefs();
startCalendar();
startAddress();
render(<Admin />, document.getElementById('app')!);
