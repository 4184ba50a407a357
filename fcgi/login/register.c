// SPDX-License-Identifier: Apache-2.0
// POST /api/register {login, password, display_name, invite?} → 201 {account}. Nobody is logged in by it.
// Refuses: registration_closed, bad_invite (registration is by invite and this one does not count), login_taken,
// too_many. The password is hashed only when nothing else stands against it.
#include <string.h>

#include "lib/account.h"
#include "login/client.h"
#include "login/handlers.h"

#define INVITE_MAX 200

typedef struct newcomer {
    bool invite_needed;
    uint8_t invite[TOKEN_HASH];
    bool invite_given;
    const char *login, *password, *display_name;
} newcomer;

static newcomer read_newcomer(request *r) {
    newcomer n = {.invite_needed = r->cfg->registration == REGISTRATION_INVITE};
    n.login = account_need_login(&r->in, r->cfg, r->arena);
    n.password = json_need_text(&r->in, "password", account_password_rule(r->cfg));
    n.display_name = json_need_text(&r->in, "display_name", account_name_rule(r->cfg));
    const char *invite = json_want_text(&r->in, "invite", (text_rule){0, INVITE_MAX, TEXT_ANY});
    n.invite_given = invite != NULL && token_valid(invite, strlen(invite));
    if (n.invite_given) token_hash(invite, n.invite);
    return n;
}

static void db_invite(db_params *p, const newcomer *n) {
    db_bool(p, n->invite_needed);
    db_bytes(p, n->invite_given ? n->invite : NULL, TOKEN_HASH);
}

// Counts the try; true when nothing but the password's cost stands before the account.
static bool admitted(request *r, const newcomer *n) {
    char key[CLIENT_KEY];
    client_key(r->address, key);
    db_params p = web_params_bare(r);
    db_text(&p, key);
    db_rate(&p, &r->cfg->register_rate_limit);
    db_invite(&p, n);
    db_text(&p, n->login);
    const PGresult *row = web_row(r, "login_admit", &p);
    if (row == NULL || throttled(r, row)) return false;
    const char *refusal = db_field(row, "problem");
    if (refusal != NULL) answer_error(r, error_by_name(refusal), NULL);
    return refusal == NULL;
}

void post_register(request *r) {
    if (r->cfg->registration == REGISTRATION_CLOSED) {
        answer_error(r, ERROR_REGISTRATION_CLOSED, "An administrator can make an account for you.");
        return;
    }
    newcomer n = read_newcomer(r);
    if (!admitted(r, &n)) return;
    const char *hash = hashed(r, n.password);
    if (hash == NULL) return;
    db_params p = web_params_bare(r);
    db_invite(&p, &n);
    db_text(&p, n.login);
    db_text(&p, n.display_name);
    db_text(&p, hash);
    web_sql(r, 201, "login_register", &p);
}
