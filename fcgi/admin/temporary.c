// SPDX-License-Identifier: Apache-2.0
// Temporary passwords: 80 random bits in letters and digits that are not taken for one another, in four groups.
#include "admin/handlers.h"
#include "lib/account.h"

#define GROUPS 4
#define GROUP 4

static const char *make(arena *a) {
    static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
    _Static_assert(sizeof alphabet == 32 + 1, "five bits a character");
    uint8_t random[GROUPS * GROUP];
    token_bytes(random, sizeof random);
    char *text = arena_alloc(a, GROUPS * (GROUP + 1));
    char *at = text;
    for (size_t i = 0; i < sizeof random; i++) {
        if (i > 0 && i % GROUP == 0) *at++ = '-';
        *at++ = alphabet[random[i] % 32];
    }
    return text;
}

bool temporary_password(request *r, temporary *out) {
    const char *given = json_want_text(&r->in, "password", account_password_rule(r->cfg));
    if (!json_ok(&r->in)) {
        answer_problem(r, &r->why);
        return false;
    }
    out->made = given == NULL ? make(r->arena) : NULL;
    char *hash = arena_alloc(r->arena, PASSWORD_HASH_TEXT);
    out->hash = hash;
    if (password_hash(r->cfg, given == NULL ? out->made : given, hash)) return true;
    answer_error(r, ERROR_UNAVAILABLE, "Too many passwords are being hashed just now. Try again.");
    return false;
}
