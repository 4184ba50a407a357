// SPDX-License-Identifier: Apache-2.0
// POST /api/password {current, new} → 204; every other session of the account ends.
// Refuses: wrong_password, too_many (login_rate_limit), a temporary password kept as the new one.
#include <string.h>

#include "lib/account.h"
#include "login/handlers.h"

typedef struct change {
    const char *current, *new;
    const char *stored;
    bool forced; // a temporary password
} change;

static bool begin(request *r, change *c) {
    db_params p = web_params(r);
    db_rate(&p, &r->cfg->login_rate_limit);
    const PGresult *row = web_row(r, "login_password_begin", &p);
    if (row == NULL || throttled(r, row)) return false;
    c->stored = arena_text(r->arena, db_field(row, "password_hash"));
    c->forced = strcmp(db_field(row, "must_change"), "t") == 0;
    return true;
}

void post_password(request *r) {
    change c = {.stored = NULL};
    enum password_verdict verdict;
    c.current = json_need_text(&r->in, "current", (text_rule){0, r->cfg->password_max_bytes, TEXT_BYTES});
    c.new = json_need_text(&r->in, "new", account_password_rule(r->cfg));
    if (!begin(r, &c)) return;
    if (!verified(r, c.stored, c.current, ERROR_WRONG_PASSWORD, &verdict)) return;
    if (c.forced && strcmp(c.current, c.new) == 0) {
        answer_error(r, ERROR_INVALID, "new: expected another password than the temporary one.");
        return;
    }
    const char *hash = hashed(r, c.new);
    if (hash == NULL) return;
    db_params p = web_params(r);
    db_text(&p, c.stored);
    db_text(&p, hash);
    web_sql(r, 204, "login_password", &p);
}
