// SPDX-License-Identifier: Apache-2.0
// admin.fcgi: what administrators may do. Everything is for them alone: 403 `forbidden` for all others. Each action leaves
// a line in the record (GET /api/admin/audit).
//
// An account here is {id, login, display_name, avatar?, admin, deactivated, deactivated_time, must_change_password,
// created, last_seen, sessions}; an invite {id, state: "open"|"used"|"expired", created, created_by, expires, used?,
// used_by?}; times may be null where nothing happened yet.
//
//   GET    /api/admin/accounts?q=&state=active|deactivated|all&admin=true|false&after=ID&limit=N
//          → {accounts: […] by login, more, total}; also of people who left
//   POST   /api/admin/accounts {login, display_name, password?, admin?: false}
//          → 201 {account, password?}. The password is temporary: it must be changed at the first login. One is made and
//          returned, this once, when none is given. 409 login_taken
//   GET    /api/admin/accounts/{id} → {account}
//   PATCH  /api/admin/accounts/{id} {display_name?, admin?, deactivated?} → {account}. Deactivation ends all its sessions;
//          withdrawing admin ends its live connections. 409 last_admin when no active administrator would be left
//   POST   /api/admin/accounts/{id}/password {password?} → {password?}: a temporary password, as above; all its sessions
//          end. 409 conflict for one's own account
//   POST   /api/admin/invites {days?: 7 (1 to 365)} → 201 {invite, token, path: "/invite/TOKEN"}: good for one
//          registration; the token is shown this once
//   GET    /api/admin/invites?before=ID&limit=N → {invites: […] newest first, more}
//   DELETE /api/admin/invites/{id} → 204
//   GET    /api/admin/relays → {relays: [{name, url, region, load, beat, age (seconds), alive}]}
//   GET    /api/admin/audit?before=ID&limit=N → {audit: [{id, time, account, action, subject, detail}] newest first, more};
//          the actions: sql/admin/audit.sql
#include "admin/handlers.h"

static const route ROUTES[] = {
    {METHOD_GET, "/api/admin/accounts", ACCESS_ADMIN, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_accounts},
    {METHOD_POST, "/api/admin/accounts", ACCESS_ADMIN, BODY_JSON, 0, RATE_COMMAND, SITE_SAME, post_account},
    {METHOD_GET, "/api/admin/accounts/{id}", ACCESS_ADMIN, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_account},
    {METHOD_PATCH, "/api/admin/accounts/{id}", ACCESS_ADMIN, BODY_JSON, 0, RATE_COMMAND, SITE_SAME,
     patch_account},
    {METHOD_POST, "/api/admin/accounts/{id}/password", ACCESS_ADMIN, BODY_JSON, 0, RATE_COMMAND, SITE_SAME,
     post_account_password},
    {METHOD_GET, "/api/admin/invites", ACCESS_ADMIN, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_invites},
    {METHOD_POST, "/api/admin/invites", ACCESS_ADMIN, BODY_JSON, 0, RATE_COMMAND, SITE_SAME, post_invite},
    {METHOD_DELETE, "/api/admin/invites/{id}", ACCESS_ADMIN, BODY_NONE, 0, RATE_COMMAND, SITE_SAME,
     delete_invite},
    {METHOD_GET, "/api/admin/relays", ACCESS_ADMIN, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_relays},
    {METHOD_GET, "/api/admin/audit", ACCESS_ADMIN, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_audit},
};

static const db_call CALLS[] = {
    {"admin_account", "bytea bigint"},
    {"admin_account_create", "bytea text text text boolean"},
    {"admin_account_password", "bytea bigint text"},
    {"admin_account_update", "bytea bigint text boolean boolean"},
    {"admin_accounts", "bytea text text boolean bigint integer"},
    {"admin_audit", "bytea bigint integer"},
    {"admin_invite_create", "bytea bytea integer"},
    {"admin_invite_delete", "bytea bigint"},
    {"admin_invites", "bytea bigint integer"},
    {"admin_relays", "bytea"},
};

const web_program admin_program = {
    .name = "admin",
    .what = "administration: accounts, invites, relays, the record",
    .routes = ROUTES,
    .routes_count = sizeof ROUTES / sizeof ROUTES[0],
    .calls = CALLS,
    .calls_count = sizeof CALLS / sizeof CALLS[0],
};
