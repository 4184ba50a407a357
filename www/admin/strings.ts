// SPDX-License-Identifier: Apache-2.0
//
// Everything the administration pages say, in English.

const count = (n: number, one: string, many: string) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

export const t = {
  title: 'Administration',
  toChat: 'Back to chat',
  tabs: { people: 'People', invites: 'Invite links', relays: 'Relays', record: 'Record' },
  more: 'Show more',
  tryAgain: 'Try again',
  actions: 'Actions',
  never: 'Never',
  server: 'Installation',

  gate: {
    title: 'Log in to administer',
    about: 'These pages are for administrators of this server.',
    forgot: 'Another administrator can give you a new one. On the server itself, “make admin-password” does.',
    notAdmin: 'Your account may not open these pages',
    notAdminAbout: 'Ask an administrator of this server to make you one.',
    password: 'Choose your own password first',
    passwordAbout: 'Yours is a temporary one. Choose your own in the chat, then come back here.',
    openChat: 'Open the chat',
  },

  people: {
    find: 'Find by name or login',
    show: 'Who is shown',
    state: { active: 'Active', deactivated: 'Deactivated', all: 'Everybody' },
    admins: 'Administrators only',
    found: (n: number) => count(n, 'person', 'people'),
    add: 'Add a person',
    columns: { name: 'Name', role: 'Role', devices: 'Devices', seen: 'Last seen', created: 'Added' },
    admin: 'Administrator',
    person: 'Person',
    deactivated: 'Deactivated',
    temporary: 'Temporary password',
    none: 'Nobody fits',
    noneAbout: 'Try another name, or show everybody.',
    manage: (name: string) => `Manage ${name}`,
    manageShort: 'Manage',
  },

  add: {
    title: 'Add a person',
    login: 'Login name',
    loginHint: '2 to 32 of a–z, 0–9, dot, dash, underscore',
    name: 'Display name',
    admin: 'May administer this server',
    submit: 'Add',
    taken: 'This login name is taken',
  },

  secret: {
    title: (name: string) => `Temporary password of ${name}`,
    about: 'Hand it over in a safe way. It is shown only now, and must be changed at the next login.',
    inviteTitle: 'Invite link',
    inviteAbout: (until: string) => `Good for one person, until ${until}. It is shown only now.`,
    copy: 'Copy',
    copied: 'Copied',
    copyFailed: 'Select it and copy it by hand.',
    done: 'Done',
  },

  manage: {
    title: 'Manage account',
    rename: 'Display name',
    save: 'Save',
    saved: 'Saved',
    password: 'Set a temporary password',
    passwordAsk: (name: string) => `Every device of ${name} is logged out at once. You get a temporary password to hand over.`,
    grant: 'Make administrator',
    grantAsk: (name: string) => `${name} may then do everything you can do here, to you as well.`,
    withdraw: 'Withdraw administration',
    withdrawAsk: (name: string) => `${name} goes on as a person without these pages.`,
    deactivate: 'Deactivate',
    deactivateAsk: (name: string) =>
      `${name} is logged out everywhere at once and cannot log in or be found any more. What they wrote stays. You can reactivate them.`,
    reactivate: 'Reactivate',
    reactivateAsk: (name: string) => `${name} can log in again with the password they had.`,
    type: (login: string) => `Type ${login} to confirm`,
    self: 'Change your own password on your account page in the chat.',
    done: (what: string, name: string) => `${what}: ${name}`,
  },

  invites: {
    about: 'Whoever opens the link can register one account, also where registration is by invitation only.',
    days: 'Good for',
    dayCount: (n: number) => count(n, 'day', 'days'),
    make: 'Make an invite link',
    columns: { state: 'State', created: 'Made', by: 'By', expires: 'Until', used: 'Used by' },
    states: { open: 'Open', used: 'Used', expired: 'Expired' },
    withdraw: 'Withdraw',
    withdrawn: 'The link does not work any more',
    none: 'No invite links yet',
    noneAbout: 'Make one and hand it over: it is the simplest way to add a person.',
  },

  relays: {
    about: 'Relays hold the live connections. Clients find another one by themselves when one goes away.',
    columns: { name: 'Name', state: 'State', load: 'Load', region: 'Region', beat: 'Last sign of life' },
    alive: 'Alive',
    dead: 'Silent',
    ago: (seconds: number) => (seconds < 1 ? 'now' : `${Math.round(seconds)} s ago`),
    none: 'No relay runs',
    noneAbout: 'Nobody can be reached live. Look at the logs of the relays on the server.',
  },

  record: {
    about: 'What administrators did, newest first. It cannot be changed.',
    columns: { what: 'What', subject: 'Person', who: 'By', time: 'When' },
    none: 'Nothing yet',
    noneAbout: 'What administrators do from now on is noted here.',
    actions: {
      account_create: 'Added an account', account_rename: 'Renamed', account_deactivate: 'Deactivated', account_reactivate: 'Reactivated',
      account_password: 'Set a temporary password', admin_grant: 'Made administrator', admin_withdraw: 'Withdrew administration',
      invite_create: 'Made an invite link', invite_delete: 'Withdrew an invite link',
    } as Record<string, string>,
  },
};
