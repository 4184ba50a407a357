// SPDX-License-Identifier: Apache-2.0
// What several handlers of passwords share. See handlers.h.
#include <stdlib.h>

#include "login/handlers.h"

bool throttled(request *r, const PGresult *row) {
    const char *seconds = db_field(row, "retry_after");
    int wait = seconds == NULL ? 0 : atoi(seconds);
    if (wait == 0) return false;
    problem_set(&r->why, ERROR_TOO_MANY, "Too many tries. Wait %d seconds.", wait);
    r->why.retry_after = wait;
    answer_problem(r, &r->why);
    return true;
}

static void answer_busy(request *r) {
    answer_error(r, ERROR_UNAVAILABLE, "Too many passwords are being checked just now. Try again.");
}

const char *hashed(request *r, const char *password) {
    char *hash = arena_alloc(r->arena, PASSWORD_HASH_TEXT);
    if (password_hash(r->cfg, password, hash)) return hash;
    answer_busy(r);
    return NULL;
}

bool verified(request *r, const char *stored, const char *password, enum error wrong,
              enum password_verdict *verdict) {
    *verdict = password_verify(r->cfg, stored, password);
    if (*verdict == PASSWORD_BUSY) answer_busy(r);
    if (*verdict == PASSWORD_WRONG) answer_error(r, wrong, NULL);
    return *verdict == PASSWORD_RIGHT || *verdict == PASSWORD_RIGHT_REHASH;
}
