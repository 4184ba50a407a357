// SPDX-License-Identifier: Apache-2.0
//
// The members of a group, with their roles and, for who may, their management.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { MessageSquare, MoreHorizontal, Search, ShieldCheck, ShieldMinus, UserMinus, UserPlus, Crown } from 'lucide';
import type { Conversation, Member, Role } from '../../client/index.ts';
import { messagePerson, removeMember, setRole } from '../actions/groups.ts';
import { client, myId, nameOf, personOf, titleOf } from '../state/client.ts';
import { closeDialog, openDialog } from '../state/screen.ts';
import { t } from '../strings/index.ts';
import { AddMembersDialog } from './add-members.tsx';
import { Avatar } from './avatar.tsx';
import { Dialog } from './dialog.tsx';
import { ProblemBox } from './gate.tsx';
import { Icon } from './icon.tsx';
import { Menu, MenuItem } from './menu.tsx';
import { Nothing } from './nothing.tsx';
import { ListSkeleton } from './skeleton.tsx';
import { useForm } from './use-form.ts';

const rankOf: Record<Role, number> = { member: 0, admin: 1, owner: 2 };

function mayRemove(mine: Role | null, theirs: Role | null): boolean {
  if (mine === 'owner') return true;
  return mine === 'admin' && theirs !== null && rankOf[theirs] < rankOf.admin;
}

export function RemoveDialog({ conversation, account }: { conversation: Conversation; account: string }) {
  const form = useForm();
  const submit = async () => {
    if (await form.run(() => removeMember(conversation.id, account))) closeDialog();
  };
  const foot = (
    <>
      <button type="button" class="button" onClick={closeDialog}>
        {t.cancel}
      </button>
      <button class="button danger" disabled={form.busy} data-autofocus>
        {t.members.remove}
      </button>
    </>
  );
  return (
    <Dialog title={t.members.removeTitle(nameOf(account), titleOf(conversation))} onClose={closeDialog} onSubmit={() => void submit()} foot={foot}>
      <p>{t.members.removeAbout}</p>
      <ProblemBox text={form.problems.form} />
    </Dialog>
  );
}

function MemberMenu({ conversation, member, at, onClose }: { conversation: Conversation; member: Member; at: Element; onClose: () => void }) {
  const owner = conversation.my_role === 'owner';
  const { account, role } = member;
  const change = (next: Role) => void setRole(conversation.id, account, next);
  return (
    <Menu label={t.members.manage(nameOf(account))} at={at} onClose={onClose}>
      <MenuItem icon={MessageSquare} onSelect={() => void messagePerson(account)}>
        {account === myId() ? t.people.self : t.members.message}
      </MenuItem>
      {owner && role !== 'owner' && (
        <MenuItem icon={Crown} onSelect={() => change('owner')}>
          {t.members.makeOwner}
        </MenuItem>
      )}
      {owner && role !== 'admin' && (
        <MenuItem icon={ShieldCheck} onSelect={() => change('admin')}>
          {t.members.makeAdmin}
        </MenuItem>
      )}
      {owner && role !== 'member' && (
        <MenuItem icon={ShieldMinus} onSelect={() => change('member')}>
          {t.members.makeMember}
        </MenuItem>
      )}
      {account !== myId() && mayRemove(conversation.my_role, role) && (
        <MenuItem icon={UserMinus} danger onSelect={() => openDialog(() => <RemoveDialog conversation={conversation} account={account} />)}>
          {t.members.remove}
        </MenuItem>
      )}
    </Menu>
  );
}

function MemberRow({ conversation, member }: { conversation: Conversation; member: Member }) {
  const button = useRef<HTMLButtonElement>(null);
  const [open, setOpen] = useState(false);
  const { account, role } = member;
  const presence = client.presence(account).value;
  const name = nameOf(account);
  return (
    <li class="row member">
      <Avatar id={account} name={name} presence={presence?.state} />
      <span class="grow">
        <span class="name one-line" dir="auto">
          {name} {account === myId() && <span class="muted">({t.you})</span>}
        </span>
        <span class="about one-line" dir="auto">
          {presence?.text ? `${presence.emoji ?? ''} ${presence.text}` : `@${personOf(account)?.login ?? '…'}`}
        </span>
      </span>
      {role && role !== 'member' && <span class="tag">{t.roles[role]}</span>}
      <button
        type="button"
        class="icon-button"
        ref={button}
        aria-label={t.members.manage(name)}
        title={t.more}
        aria-haspopup="menu"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Icon icon={MoreHorizontal} />
      </button>
      {open && button.current && <MemberMenu conversation={conversation} member={member} at={button.current} onClose={() => setOpen(false)} />}
    </li>
  );
}

export function MembersPanel({ conversation }: { conversation: Conversation }) {
  const members = useMemo(() => client.members(conversation.id), [conversation.id]);
  const [filter, setFilter] = useState('');
  useEffect(() => {
    void members.loadMore();
    return () => members.close();
  }, [members]);
  useEffect(() => {
    if (filter && !members.complete.value) void members.loadMore();
  }, [filter, members.list.value.length]);
  const words = filter.trim().toLocaleLowerCase();
  const shown = members.list.value.filter(
    ({ account }) => !words || nameOf(account).toLocaleLowerCase().includes(words) || (personOf(account)?.login ?? '').includes(words),
  );
  const manages = conversation.my_role === 'admin' || conversation.my_role === 'owner';
  const loading = members.loading.value && shown.length === 0;
  return (
    <>
      <div class="panel-tools">
        <div class="search-field grow">
          <Icon icon={Search} size={16} />
          <input class="input" type="search" dir="auto" value={filter} placeholder={t.members.filter} aria-label={t.members.filter} onInput={(event) => setFilter(event.currentTarget.value)} />
        </div>
        {manages && (
          <button type="button" class="button" onClick={() => openDialog(() => <AddMembersDialog conversation={conversation} members={members} />)}>
            <Icon icon={UserPlus} />
            {t.members.add}
          </button>
        )}
      </div>
      {loading ? (
        <ListSkeleton />
      ) : (
        <ul class="rows">
          {shown.map((member) => (
            <MemberRow key={member.account} conversation={conversation} member={member} />
          ))}
        </ul>
      )}
      {!loading && shown.length === 0 && !members.problem.value && <Nothing about={t.members.none} />}
      {members.problem.value && <Nothing alert about={t.problems.unavailable} action={{ label: t.tryAgain, run: () => void members.loadMore() }} />}
      {!members.complete.value && !members.problem.value && shown.length > 0 && (
        <button type="button" class="button quiet" disabled={members.loading.value} onClick={() => void members.loadMore()}>
          {t.groups.loadMore}
        </button>
      )}
    </>
  );
}
