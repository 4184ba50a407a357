// SPDX-License-Identifier: Apache-2.0
//
// What can be done with a message: as a toolbar at the row on hover and focus,
// as a menu behind its "more", and as a sheet from the foot on a long press.

import { useRef, useState } from 'preact/hooks';
import type { IconNode } from 'lucide';
import { Copy, Link, MoreHorizontal, Pencil, Pin, PinOff, Reply, SmilePlus, Trash2 } from 'lucide';
import type { Message } from '../../client/index.ts';
import { copyMessage, copyMessageLink, deleteMessage, hasReacted, reactionSet, togglePin, toggleReaction } from '../actions/history.ts';
import { startReply } from '../actions/compose.ts';
import { client, myId } from '../state/client.ts';
import { closeDialog, editing, openDialog } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { Dialog } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { Menu, MenuItem } from './menu.tsx';

interface Action {
  icon: IconNode;
  label: string;
  run: () => void;
  danger?: boolean;
}

function isWritable(message: Message): boolean {
  const conversation = client.conversation(message.conversation).value;
  return !!conversation && !conversation.archived && (conversation.kind === 'direct' || conversation.my_role !== null);
}

function isManager(message: Message): boolean {
  const conversation = client.conversation(message.conversation).value;
  return conversation?.kind === 'group' && (conversation.my_role === 'admin' || conversation.my_role === 'owner');
}

function actionsOf(message: Message): Action[] {
  const writable = isWritable(message);
  const own = message.sender === myId();
  const direct = client.conversation(message.conversation).value?.kind === 'direct';
  const list: (Action | false)[] = [
    writable && { icon: Reply, label: t.message.reply, run: () => startReply(message) },
    writable && own && { icon: Pencil, label: t.message.edit, run: () => (editing.value = { conversation: message.conversation, seq: message.seq }) },
    { icon: Copy, label: t.message.copyText, run: () => void copyMessage(message) },
    { icon: Link, label: t.message.copyLink, run: () => void copyMessageLink(message) },
    writable &&
      (direct || isManager(message)) && {
        icon: message.pinned ? PinOff : Pin,
        label: message.pinned ? t.message.unpin : t.message.pin,
        run: () => void togglePin(message),
      },
    writable &&
      (own || isManager(message)) && { icon: Trash2, label: t.message.delete, danger: true, run: () => openDialog(() => <DeleteDialog message={message} />) },
  ];
  return list.filter((action): action is Action => action !== false);
}

function DeleteDialog({ message }: { message: Message }) {
  const submit = () => {
    closeDialog();
    void deleteMessage(message);
  };
  const foot = (
    <>
      <button type="button" class="button" onClick={closeDialog}>
        {t.cancel}
      </button>
      <button class="button danger" data-autofocus>
        {t.message.delete}
      </button>
    </>
  );
  return (
    <Dialog title={t.message.deleteTitle} onClose={closeDialog} onSubmit={submit} foot={foot}>
      <p>{t.message.deleteAbout}</p>
    </Dialog>
  );
}

function ReactionRow({ message, onDone }: { message: Message; onDone: () => void }) {
  return (
    <div class="emoji-row" role="group" aria-label={t.message.react}>
      {reactionSet.map((emoji) => {
        const mine = hasReacted(message, emoji);
        return (
          <button
            type="button"
            key={emoji}
            class="emoji-button"
            role="menuitem"
            aria-pressed={mine}
            aria-label={mine ? t.message.unreactWith(emoji) : t.message.reactWith(emoji)}
            title={mine ? t.message.unreactWith(emoji) : t.message.reactWith(emoji)}
            onClick={() => {
              onDone();
              void toggleReaction(message, emoji);
            }}
          >
            {emoji}
          </button>
        );
      })}
    </div>
  );
}

/** The toolbar at the corner of the row that is hovered or focused. */
export function Toolbar({ message, onOpen }: { message: Message; onOpen: (open: boolean) => void }) {
  const bar = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState<'react' | 'more' | null>(null);
  const show = (what: 'react' | 'more' | null) => {
    setOpen(what);
    onOpen(what !== null);
  };
  const actions = actionsOf(message);
  const reply = actions.find((action) => action.icon === Reply);
  const edit = actions.find((action) => action.icon === Pencil);
  const writable = reply !== undefined;
  return (
    <div class="toolbar" role="toolbar" aria-label={t.message.actions} ref={bar}>
      {writable && <ToolButton icon={SmilePlus} label={t.message.react} expanded={open === 'react'} run={() => show('react')} />}
      {reply && <ToolButton icon={Reply} label={reply.label} run={reply.run} />}
      {edit && <ToolButton icon={Pencil} label={edit.label} run={edit.run} />}
      <ToolButton icon={MoreHorizontal} label={t.message.menu} expanded={open === 'more'} run={() => show('more')} />
      {open === 'react' && bar.current && (
        <Menu label={t.message.react} at={bar.current} onClose={() => show(null)}>
          <ReactionRow message={message} onDone={() => show(null)} />
        </Menu>
      )}
      {open === 'more' && bar.current && (
        <Menu label={t.message.menu} at={bar.current} onClose={() => show(null)}>
          {actions.map((action) => (
            <MenuItem key={action.label} icon={action.icon} danger={!!action.danger} onSelect={action.run}>
              {action.label}
            </MenuItem>
          ))}
        </Menu>
      )}
    </div>
  );
}

interface ToolButtonProps {
  icon: IconNode;
  label: string;
  run: () => void;
  expanded?: boolean;
}

function ToolButton({ icon, label, run, expanded }: ToolButtonProps) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} aria-expanded={expanded} aria-haspopup={expanded === undefined ? undefined : 'menu'} onClick={run}>
      <Icon icon={icon} />
    </button>
  );
}

/** The same for a thumb. */
export function openSheet(message: Message): void {
  openDialog(() => <Sheet message={message} />);
}

function Sheet({ message }: { message: Message }) {
  return (
    <Dialog title={t.message.actions} onClose={closeDialog} class="sheet">
      {isWritable(message) && <ReactionRow message={message} onDone={closeDialog} />}
      <div class="sheet-actions" role="menu" aria-label={t.message.actions}>
        {actionsOf(message).map((action) => (
          <MenuItem
            key={action.label}
            icon={action.icon}
            danger={!!action.danger}
            onSelect={() => {
              closeDialog();
              action.run();
            }}
          >
            {action.label}
          </MenuItem>
        ))}
      </div>
    </Dialog>
  );
}
