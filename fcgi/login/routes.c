// SPDX-License-Identifier: Apache-2.0
// What login.fcgi answers, and what it may ask of the database.
#include "login/handlers.h"

static const route ROUTES[] = {
    {METHOD_POST, "/api/register", ACCESS_ANYONE, BODY_JSON, 0, RATE_REGISTER, SITE_SAME, post_register},
    {METHOD_POST, "/api/login", ACCESS_ANYONE, BODY_JSON, 0, RATE_LOGIN, SITE_SAME, post_login},
    {METHOD_POST, "/api/logout", ACCESS_SESSION, BODY_NONE, 0, RATE_COMMAND, SITE_SAME, post_logout},
    {METHOD_POST, "/api/password", ACCESS_SESSION, BODY_JSON, 0, RATE_LOGIN, SITE_SAME, post_password},
    {METHOD_GET, "/api/me", ACCESS_SESSION, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_me},
    {METHOD_PATCH, "/api/me", ACCESS_SESSION, BODY_JSON, 0, RATE_COMMAND, SITE_SAME, patch_me},
    {METHOD_GET, "/api/sessions", ACCESS_SESSION, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_sessions},
    {METHOD_DELETE, "/api/sessions/{id}", ACCESS_SESSION, BODY_NONE, 0, RATE_COMMAND, SITE_SAME,
     delete_session},
    {METHOD_GET, "/api/accounts", ACCESS_SESSION, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_accounts},
    {METHOD_GET, "/api/relays", ACCESS_SESSION, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_relays},
    {METHOD_GET, "/api/health", ACCESS_ANYONE, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_health},
};

static const db_call CALLS[] = {
    {"login_accounts", "bytea text bigint integer"},
    {"login_accounts_by_id", "bytea bigint[]"},
    {"login_admit", "text integer integer boolean bytea text"},
    {"login_begin", "text text integer integer integer integer"},
    {"login_finish", "bigint text text bytea text text integer integer"},
    {"login_health", ""},
    {"login_logout", "bytea"},
    {"login_me", "bytea"},
    {"login_me_update", "bytea text"},
    {"login_password", "bytea text text"},
    {"login_password_begin", "bytea integer integer"},
    {"login_register", "boolean bytea text text text"},
    {"login_relays", "bytea"},
    {"login_revoke", "bytea bigint"},
    {"login_sessions", "bytea"},
};

const web_program login_program = {
    .name = "login",
    .what = "accounts, login sessions, the directory of people and of relays",
    .routes = ROUTES,
    .routes_count = sizeof ROUTES / sizeof ROUTES[0],
    .calls = CALLS,
    .calls_count = sizeof CALLS / sizeof CALLS[0],
};
