// SPDX-License-Identifier: Apache-2.0
// Reading: pages of a conversation by seq, and its changes by mod.
#include "history/history.h"
#include "lib/message.h"

static int page_limit(request *r) {
    return query_limit(r, r->cfg->page_default, r->cfg->page_max);
}

void history_page(request *r) {
    static const char *const ENDS[] = {"before", "after", "around"};
    db_params p = web_params(r);
    db_id(&p, path_id(r, "conversation"));
    int given = 0;
    for (size_t i = 0; i < sizeof ENDS / sizeof *ENDS; i++) {
        int64_t seq = query_int(r, ENDS[i], 0, SEQ_MAX, -1);
        given += seq >= 0;
        if (seq < 0)
            db_null(&p);
        else
            db_int(&p, seq);
    }
    if (given > 1 && r->why.code == ERROR_NONE)
        problem_set(&r->why, ERROR_INVALID, "Give one of before, after and around.");
    db_int(&p, page_limit(r));
    web_sql(r, 200, "history_page", &p);
}

void history_changes(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "conversation"));
    int64_t since = query_int(r, "since", 0, SEQ_MAX, -1);
    if (since < 0 && r->why.code == ERROR_NONE)
        problem_set(&r->why, ERROR_INVALID, "since: expected the mod that you hold, 0 for all.");
    db_int(&p, since);
    db_int(&p, page_limit(r));
    web_sql(r, 200, "history_changes", &p);
}
