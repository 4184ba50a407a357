// SPDX-License-Identifier: Apache-2.0
// Accounts: list, make, look at, change, give a temporary password.
// Before a password is hashed the caller is asked for (web_session_of): Argon2id is not for everybody to start.
#include <string.h>

#include "admin/handlers.h"
#include "lib/account.h"

#define SEARCH_MAX 100

static const char *const STATES[] = {"active", "deactivated", "all", NULL};
static const char *const BOOLS[] = {"true", "false", NULL};

// One of the choices of a query, or NULL when it is not there; a wrong one sets r->why.
static const char *query_choice(request *r, const char *name, const char *const *choices,
                                const char *expected) {
    const char *text = query_text(r, name, (text_rule){0, r->cfg->body_max_bytes, TEXT_ANY});
    if (text == NULL) return NULL;
    for (size_t i = 0; choices[i] != NULL; i++)
        if (strcmp(choices[i], text) == 0) return choices[i];
    json_wrong(&r->in, name, expected);
    return NULL;
}

void get_accounts(request *r) {
    const char *state = query_choice(r, "state", STATES, "active, deactivated or all");
    db_params p = web_params(r);
    db_text(&p, query_text(r, "q", (text_rule){0, SEARCH_MAX, TEXT_ANY}));
    db_text(&p, state != NULL && strcmp(state, "all") != 0 ? state : NULL);
    db_text(&p, query_choice(r, "admin", BOOLS, "true or false"));
    db_id(&p, query_id(r, "after"));
    db_int(&p, query_limit(r, r->cfg->page_default, r->cfg->page_max));
    web_sql(r, 200, "admin_accounts", &p);
}

// An admin asks; what is wrong with the request is answered by whoever comes next. False when that was answered.
static bool is_admin(request *r) {
    web_session caller;
    if (!web_session_of(r, &caller)) return false;
    if (caller.must_change_password)
        answer_error(r, ERROR_PASSWORD_CHANGE, NULL);
    else if (!caller.admin)
        answer_error(r, ERROR_FORBIDDEN, "This is for administrators.");
    return caller.admin && !caller.must_change_password;
}

// json is an object; with the password in it when it was made here.
static void answer_made(request *r, int status, const char *json, const char *made) {
    if (made != NULL) {
        int without_brace = (int)strlen(json) - 1;
        json = arena_printf(r->arena, "%.*s%s\"password\":\"%s\"}", without_brace, json,
                            without_brace > 1 ? "," : "", made);
    }
    answer_json(r, status, json, strlen(json));
}

void post_account(request *r) {
    temporary password;
    const char *login = account_need_login(&r->in, r->cfg, r->arena);
    const char *name = json_need_text(&r->in, "display_name", account_name_rule(r->cfg));
    bool admin = json_want_bool(&r->in, "admin", false);
    if (!is_admin(r) || !temporary_password(r, &password)) return;
    db_params p = web_params(r);
    db_text(&p, login);
    db_text(&p, name);
    db_text(&p, password.hash);
    db_bool(&p, admin);
    const PGresult *row = web_row(r, "admin_account_create", &p);
    if (row != NULL) answer_made(r, 201, PQgetvalue(row, 0, 0), password.made);
}

void get_account(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "id"));
    web_sql(r, 200, "admin_account", &p);
}

void patch_account(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "id"));
    db_text(&p, json_want_text(&r->in, "display_name", account_name_rule(r->cfg)));
    web_wish(r, &p, "admin");
    web_wish(r, &p, "deactivated");
    web_sql(r, 200, "admin_account_update", &p);
}

void post_account_password(request *r) {
    temporary password;
    if (!is_admin(r) || !temporary_password(r, &password)) return;
    db_params p = web_params(r);
    db_id(&p, path_id(r, "id"));
    db_text(&p, password.hash);
    if (web_row(r, "admin_account_password", &p) != NULL) answer_made(r, 200, "{}", password.made);
}
