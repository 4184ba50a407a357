// SPDX-License-Identifier: Apache-2.0
//
// Shows something that is shown once: a temporary password, an invite link.

import { useState } from 'preact/hooks';
import { Check, Copy } from 'lucide';
import { copyText } from '../../app/lib/clipboard.ts';
import { closeDialog, openDialog } from '../../app/state/screen.ts';
import { Dialog } from '../../app/ui/dialog.tsx';
import { ProblemBox } from '../../app/ui/gate.tsx';
import { Icon } from '../../app/ui/icon.tsx';
import { t } from '../strings.ts';

function Secret({ title, about, text }: { title: string; about: string; text: string }) {
  const [copied, setCopied] = useState<boolean | null>(null);
  const copy = async () => setCopied(await copyText(text));
  const foot = (
    <button type="button" class="button primary" onClick={closeDialog}>
      {t.secret.done}
    </button>
  );
  return (
    <Dialog title={title} onClose={closeDialog} foot={foot}>
      <p class="muted">{about}</p>
      <div class="secret">
        <code class="secret-text">{text}</code>
        <button type="button" class="button" onClick={() => void copy()} data-autofocus>
          <Icon icon={copied ? Check : Copy} size={16} />
          <span aria-live="polite">{copied ? t.secret.copied : t.secret.copy}</span>
        </button>
      </div>
      {copied === false && <ProblemBox text={t.secret.copyFailed} />}
    </Dialog>
  );
}

export function showSecret(title: string, about: string, text: string): void {
  openDialog(() => <Secret title={title} about={about} text={text} />);
}
