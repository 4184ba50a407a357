// SPDX-License-Identifier: Apache-2.0
// Invites. The token is shown once, when it is made; the database holds its hash.
#include <string.h>

#include "admin/handlers.h"

#define DAYS_DEFAULT 7
#define DAYS_MAX 365

void get_invites(request *r) {
    db_params p = web_params(r);
    db_id(&p, query_id(r, "before"));
    db_int(&p, query_limit(r, r->cfg->page_default, r->cfg->page_max));
    web_sql(r, 200, "admin_invites", &p);
}

void post_invite(request *r) {
    char token[TOKEN_TEXT];
    uint8_t hash[TOKEN_HASH];
    token_random(token);
    token_hash(token, hash);
    db_params p = web_params(r);
    db_bytes(&p, hash, sizeof hash);
    db_int(&p, json_want_int(&r->in, "days", 1, DAYS_MAX, DAYS_DEFAULT));
    const PGresult *row = web_row(r, "admin_invite_create", &p);
    if (row == NULL) return;
    const char *json = PQgetvalue(row, 0, 0);
    json = arena_printf(r->arena, "%.*s,\"token\":\"%s\",\"path\":\"/invite/%s\"}", (int)strlen(json) - 1,
                        json, token, token);
    answer_json(r, 201, json, strlen(json));
}

void delete_invite(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "id"));
    web_sql(r, 204, "admin_invite_delete", &p);
}
