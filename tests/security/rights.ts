// SPDX-License-Identifier: Apache-2.0
//
// Who gets what: a row for every route that the programs print and every command that the relay has, a column for everybody
// there is. The answer is an HTTP status; of a command `ok` (it took effect), `-` (nobody hears of it), the status in
// `failed`, or the close code of a connection that did not come to say it (over long-poll the status that stands for it).
//
// A group that is public is no secret, what is said in it is: 403 then, 404 elsewhere. A ping is answered before it is known who
// asks.
//
//   nobody    without a credential             stranger  not in the group          member  in the group
//   revoked   an owner, with an ended session  removed   was in the group          admin   of the group
//   gone      an owner, since deactivated      root      administrates the site,   owner   of the group
//   temporary an owner, whose password is                is not in the group
//             to be changed first

export const WHO = ['nobody', 'revoked', 'gone', 'temporary', 'stranger', 'removed', 'root', 'member', 'admin', 'owner'] as const;
export type Who = (typeof WHO)[number];
/** Who must not see a word of what is said in the group. */
export const OUTSIDE = WHO.slice(0, WHO.indexOf('member'));

export interface Row {
  /** What is asked for, as its program names it. */
  name: string;
  /** A word on what makes this row differ from others of the same name. */
  variant: string;
  cells: Record<Who, string>;
}

function rows(table: string): Row[] {
  return table.trim().split('\n').map((line) => {
    const [, name, variant, cells] = /^(\S+(?: +\/\S+)?)(?: +\((.*?)\))?  +(.*)$/.exec(line.trim())!;
    const words = cells!.split(/ +/);
    if (words.length !== WHO.length) throw new Error(`not ${WHO.length} cells: ${line}`);
    return { name: name!.replace(/ +/, ' '), variant: variant ?? '', cells: Object.fromEntries(WHO.map((who, i) => [who, words[i]])) as Row['cells'] };
  });
}

//                                                                     nobody revoked gone tempor. stranger removed root  member admin owner
export const ROUTES = rows(`
  POST   /api/register                                                  201    201    201    201    201    201    201    201    201    201
  POST   /api/login                                                     200    200    200    200    200    200    200    200    200    200
  GET    /api/health                                                    200    200    200    200    200    200    200    200    200    200
  POST   /api/logout                                                    401    401    401    204    204    204    204    204    204    204
  POST   /api/password (not knowing the old one)                        401    401    401    403    403    403    403    403    403    403
  GET    /api/me                                                        401    401    401    200    200    200    200    200    200    200
  PATCH  /api/me                                                        401    401    401    200    200    200    200    200    200    200
  GET    /api/sessions                                                  401    401    401    403    200    200    200    200    200    200
  DELETE /api/sessions/{id} (another's)                                 401    401    401    403    404    404    404    404    404    404
  GET    /api/accounts                                                  401    401    401    403    200    200    200    200    200    200
  GET    /api/relays                                                    401    401    401    403    200    200    200    200    200    200

  GET    /api/conversations                                             401    401    401    403    200    200    200    200    200    200
  GET    /api/conversations/{conversation}                              401    401    401    403    404    404    404    200    200    200
  PATCH  /api/conversations/{conversation}/me                           401    401    401    403    404    404    404    200    200    200
  POST   /api/direct                                                    401    401    401    403    200    200    200    200    200    200
  GET    /api/groups                                                    401    401    401    403    200    200    200    200    200    200
  POST   /api/groups                                                    401    401    401    403    201    201    201    201    201    201
  GET    /api/groups/{group}                                            401    401    401    403    404    404    404    200    200    200
  GET    /api/groups/{group} (public)                                   401    401    401    403    200    200    200    200    200    200
  PATCH  /api/groups/{group} (title, topic, avatar)                     401    401    401    403    404    404    404    403    200    200
  PATCH  /api/groups/{group} (visibility)                               401    401    401    403    404    404    404    403    403    200
  PATCH  /api/groups/{group} (retention)                                401    401    401    403    404    404    404    403    403    200
  PATCH  /api/groups/{group} (archive)                                  401    401    401    403    404    404    404    403    403    200
  PATCH  /api/groups/{group} (public)                                   401    401    401    403    403    403    403    403    200    200
  DELETE /api/groups/{group}                                            401    401    401    403    404    404    404    403    403    204
  DELETE /api/groups/{group} (public)                                   401    401    401    403    403    403    403    403    403    204
  POST   /api/groups/{group}/join                                       401    401    401    403    404    404    404    200    200    200
  POST   /api/groups/{group}/join (public)                              401    401    401    403    200    200    200    200    200    200
  GET    /api/groups/{group}/members                                    401    401    401    403    404    404    404    200    200    200
  GET    /api/groups/{group}/members (public)                           401    401    401    403    403    403    403    200    200    200
  POST   /api/groups/{group}/members                                    401    401    401    403    404    404    404    403    204    204
  POST   /api/groups/{group}/members (public)                           401    401    401    403    403    403    403    403    204    204
  POST   /api/groups/{group}/members (an owner)                         401    401    401    403    404    404    404    403    403    204
  POST   /api/groups/{group}/members (oneself, an owner)                401    401    401    403    404    404    404    403    403    204
  PATCH  /api/groups/{group}/members/{account} (a member)               401    401    401    403    404    404    404    403    403    204
  PATCH  /api/groups/{group}/members/{account} (oneself)                401    401    401    403    404    404    404    403    403    204
  DELETE /api/groups/{group}/members/{account} (a member)               401    401    401    403    404    404    404    403    204    404
  DELETE /api/groups/{group}/members/{account} (another owner)          401    401    401    403    404    404    404    403    403    204
  DELETE /api/groups/{group}/members/{account} (oneself)                401    401    401    403    404    404    404    204    204    204

  GET    /api/history/{conversation}                                    401    401    401    403    404    404    404    200    200    200
  GET    /api/history/{conversation} (public)                           401    401    401    403    403    403    403    200    200    200
  GET    /api/changes/{conversation}                                    401    401    401    403    404    404    404    200    200    200
  GET    /api/changes/{conversation} (public)                           401    401    401    403    403    403    403    200    200    200
  POST   /api/messages                                                  401    401    401    403    403    403    403    201    201    201
  POST   /api/messages (public)                                         401    401    401    403    403    403    403    201    201    201
  POST   /api/messages (archived)                                       401    401    401    403    403    403    403    409    409    409
  POST   /api/read                                                      401    401    401    403    404    404    404    204    204    204

  GET    /api/admin/accounts                                            401    401    401    403    403    403    200    403    403    403
  POST   /api/admin/accounts                                            401    401    401    403    403    403    201    403    403    403
  GET    /api/admin/accounts/{id}                                       401    401    401    403    403    403    200    403    403    403
  PATCH  /api/admin/accounts/{id}                                       401    401    401    403    403    403    200    403    403    403
  PATCH  /api/admin/accounts/{id} (oneself, to be admin)                401    401    401    403    403    403    200    403    403    403
  POST   /api/admin/accounts/{id}/password                              401    401    401    403    403    403    200    403    403    403
  GET    /api/admin/invites                                             401    401    401    403    403    403    200    403    403    403
  POST   /api/admin/invites                                             401    401    401    403    403    403    201    403    403    403
  DELETE /api/admin/invites/{id}                                        401    401    401    403    403    403    204    403    403    403
  GET    /api/admin/relays                                              401    401    401    403    403    403    200    403    403    403
  GET    /api/admin/audit                                               401    401    401    403    403    403    200    403    403    403

  GET    /live/ws (no upgrade)                                          400    400    400    400    400    400    400    400    400    400
  POST   /live/poll                                                     401    401    401    403    200    200    200    200    200    200
`.replace(/\n\n/g, '\n'));

//                                                                     nobody revoked gone tempor. stranger removed root  member admin owner
export const COMMANDS = rows(`
  hello                                                                 4001   4001   4001   1008   ok     ok     ok     ok     ok     ok
  resume                                                                4001   4001   4001   1008   -      -      -      ok     ok     ok
  ping                                                                  4001   ok     ok     ok     ok     ok     ok     ok     ok     ok
  send                                                                  4001   4001   4001   1008   403    403    403    ok     ok     ok
  send (public)                                                         4001   4001   4001   1008   403    403    403    ok     ok     ok
  send (archived)                                                       4001   4001   4001   1008   403    403    403    409    409    409
  edit (another's)                                                      4001   4001   4001   1008   403    403    403    403    403    403
  edit (one's own)                                                      4001   4001   4001   1008   403    403    403    ok     ok     ok
  delete (another's)                                                    4001   4001   4001   1008   403    403    403    403    ok     ok
  delete (one's own)                                                    4001   4001   4001   1008   403    403    403    ok     ok     ok
  react                                                                 4001   4001   4001   1008   403    403    403    ok     ok     ok
  react (public)                                                        4001   4001   4001   1008   403    403    403    ok     ok     ok
  unreact                                                               4001   4001   4001   1008   403    403    403    ok     ok     ok
  pin                                                                   4001   4001   4001   1008   403    403    403    403    ok     ok
  unpin                                                                 4001   4001   4001   1008   403    403    403    403    ok     ok
  read                                                                  4001   4001   4001   1008   403    403    403    ok     ok     ok
  received                                                              4001   4001   4001   1008   403    403    403    ok     ok     ok
  typing                                                                4001   4001   4001   1008   -      -      -      ok     ok     ok
  status                                                                4001   4001   4001   1008   ok     ok     ok     ok     ok     ok
  watch                                                                 4001   4001   4001   1008   ok     ok     ok     ok     ok     ok
`);

/** What a close code is over long-poll. */
export const OVER_POLL: Readonly<Record<string, string>> = { 4001: '401', 1008: '403' };
