// SPDX-License-Identifier: Apache-2.0
// Who and what is there: accounts, relays, and whether the installation works.
#include "login/handlers.h"

#define SEARCH_MAX 100

static void accounts_by_id(request *r) {
    int64_t *ids = NULL;
    size_t n = query_ids(r, "ids", (size_t)r->cfg->ids_max, &ids);
    db_params p = web_params(r);
    db_ids(&p, ids, n);
    web_sql(r, 200, "login_accounts_by_id", &p);
}

// ?ids=1,2: those; else ?q=&after=&limit=: the directory.
void get_accounts(request *r) {
    if (query_text(r, "ids", (text_rule){0, r->cfg->body_max_bytes, TEXT_ANY}) != NULL) {
        accounts_by_id(r);
        return;
    }
    db_params p = web_params(r);
    db_text(&p, query_text(r, "q", (text_rule){0, SEARCH_MAX, TEXT_ANY}));
    db_id(&p, query_id(r, "after"));
    db_int(&p, query_limit(r, r->cfg->page_default, r->cfg->page_max));
    web_sql(r, 200, "login_accounts", &p);
}

void get_relays(request *r) {
    db_params p = web_params(r);
    web_sql(r, 200, "login_relays", &p);
}

void get_health(request *r) {
    db_params p = web_params_bare(r);
    web_sql(r, 200, "login_health", &p);
}
