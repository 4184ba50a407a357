// SPDX-License-Identifier: Apache-2.0
// Login sessions: begin, end, list, revoke.
// An unknown login, a deactivated account and a wrong password get the same answer after the same work, so that
// nobody learns which accounts exist.
#include <string.h>

#include "lib/account.h"
#include "login/client.h"
#include "login/handlers.h"

#define DAY_SECONDS 86400
#define YEAR_SECONDS (365 * (int64_t)DAY_SECONDS)

typedef struct attempt {
    const char *login; // folded; NULL when it cannot be one
    const char *password;
    bool bearer;
    int64_t account;
    const char *stored, *rehashed;
    char token[TOKEN_TEXT];
} attempt;

static attempt read_attempt(request *r) {
    attempt t = {.account = 0};
    const char *login = json_need_text(&r->in, "login", (text_rule){0, r->cfg->body_max_bytes, TEXT_ANY});
    t.password = json_need_text(&r->in, "password", (text_rule){0, r->cfg->password_max_bytes, TEXT_BYTES});
    t.bearer = json_want_bool(&r->in, "bearer", false);
    if (login != NULL) t.login = account_login_fold(r->cfg, r->arena, login);
    return t;
}

// Counts the try and finds what to compare with; false when that was answered.
static bool begin(request *r, attempt *t) {
    char key[CLIENT_KEY];
    client_key(r->address, key);
    db_params p = web_params_bare(r);
    db_text(&p, t->login);
    db_text(&p, key);
    db_rate(&p, &r->cfg->login_rate_limit);
    db_rate(&p, &r->cfg->login_ip_rate_limit);
    const PGresult *row = web_row(r, "login_begin", &p);
    if (row == NULL || throttled(r, row)) return false;
    const char *account = db_field(row, "account_id");
    const char *stored = db_field(row, "password_hash");
    if (account == NULL || stored == NULL) return true;
    t->account = id_parse(account, strlen(account));
    t->stored = arena_text(r->arena, stored);
    return true;
}

static const PGresult *finish(request *r, attempt *t) {
    uint8_t hash[TOKEN_HASH];
    token_random(t->token);
    token_hash(t->token, hash);
    db_params p = web_params_bare(r);
    db_id(&p, t->account);
    db_text(&p, t->stored);
    db_text(&p, t->rehashed);
    db_bytes(&p, hash, sizeof hash);
    db_text(&p, client_device(r->arena, request_device(r)));
    db_text(&p, r->address);
    db_int(&p, (int64_t)r->cfg->session_days * DAY_SECONDS);
    db_int(&p, r->cfg->login_sessions_max);
    return web_row(r, "login_finish", &p);
}

// SQL's answer, with the token where it was asked for as `bearer`, else with the cookie. The cookie lives as long as a
// session can; that it is unused for too long is judged by the database.
static void answer_session(request *r, const attempt *t, const char *json) {
    if (t->bearer) {
        int without_brace = (int)strlen(json) - 1;
        json = arena_printf(r->arena, "%.*s,\"token\":\"%s\"}", without_brace, json, t->token);
    } else {
        answer_set_cookie(r, t->token, YEAR_SECONDS);
    }
    answer_json(r, 200, json, strlen(json));
}

void post_login(request *r) {
    attempt t = read_attempt(r);
    enum password_verdict verdict;
    if (!begin(r, &t)) return;
    if (!verified(r, t.stored, t.password, ERROR_BAD_LOGIN, &verdict)) return;
    if (verdict == PASSWORD_RIGHT_REHASH && (t.rehashed = hashed(r, t.password)) == NULL) return;
    const PGresult *row = finish(r, &t);
    if (row != NULL) answer_session(r, &t, PQgetvalue(row, 0, 0));
    explicit_bzero(t.token, sizeof t.token);
}

void post_logout(request *r) {
    db_params p = web_params(r);
    web_sql(r, 204, "login_logout", &p);
    if (r->answer.status == 204) answer_end_cookie(r);
}

void get_sessions(request *r) {
    db_params p = web_params(r);
    web_sql(r, 200, "login_sessions", &p);
}

void delete_session(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "id"));
    web_sql(r, 204, "login_revoke", &p);
}
