// SPDX-License-Identifier: Apache-2.0
// Credentials out of Cookie and Authorization.
#include "lib/credential.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define T1 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define T2 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE"

typedef struct row {
    const char *cookie, *authorization;
    enum credential_kind kind;
    const char *token;
    bool cookie_sent;
} row;

static const row ROWS[] = {
    {NULL, NULL, CREDENTIAL_NONE, NULL, false},
    {"", "", CREDENTIAL_NONE, NULL, false},
    {"parley_session=" T1, NULL, CREDENTIAL_COOKIE_TOKEN, T1, true},
    {"a=b; parley_session=" T1 "; c=d", NULL, CREDENTIAL_COOKIE_TOKEN, T1, true},
    {"a=b;parley_session=" T1, NULL, CREDENTIAL_COOKIE_TOKEN, T1, true},
    {"parley_session=\"" T1 "\"", NULL, CREDENTIAL_COOKIE_TOKEN, T1, true},
    {"parley_session=" T1 " ; x=y", NULL, CREDENTIAL_COOKIE_TOKEN, T1, true},
    {"parley_session=" T1 "; parley_session=" T2, NULL, CREDENTIAL_COOKIE_TOKEN, T1, true},
    {"xparley_session=" T1, NULL, CREDENTIAL_NONE, NULL, false},
    {"parley_sessionx=" T1, NULL, CREDENTIAL_NONE, NULL, false},
    {"Parley_session=" T1, NULL, CREDENTIAL_NONE, NULL, false},
    {"x=parley_session=" T1, NULL, CREDENTIAL_NONE, NULL, false},
    {"parley_session", NULL, CREDENTIAL_NONE, NULL, false},
    {"parley_session=", NULL, CREDENTIAL_BAD, NULL, true},
    {"parley_session=short", NULL, CREDENTIAL_BAD, NULL, true},
    {"parley_session=" T1 "A", NULL, CREDENTIAL_BAD, NULL, true},
    {"parley_session=\"" T1, NULL, CREDENTIAL_BAD, NULL, true},
    {";;; ;=;", NULL, CREDENTIAL_NONE, NULL, false},
    {NULL, "Bearer " T1, CREDENTIAL_BEARER, T1, false},
    {NULL, "bearer  " T1 " ", CREDENTIAL_BEARER, T1, false},
    {NULL, "BEARER\t" T1, CREDENTIAL_BEARER, T1, false},
    {NULL, "Bearer", CREDENTIAL_BAD, NULL, false},
    {NULL, "Bearer ", CREDENTIAL_BAD, NULL, false},
    {NULL, "Bearer " T1 " " T2, CREDENTIAL_BAD, NULL, false},
    {NULL, "Bearer " T1 "=", CREDENTIAL_BAD, NULL, false},
    {NULL, "Bearerx " T1, CREDENTIAL_NONE, NULL, false},
    {NULL, "Basic QTpC", CREDENTIAL_NONE, NULL, false},
    {NULL, T1, CREDENTIAL_NONE, NULL, false},
    {"parley_session=" T1, "Bearer " T2, CREDENTIAL_BEARER, T2, true},
    {"parley_session=" T1, "Bearer x", CREDENTIAL_BAD, NULL, true},
    {"parley_session=" T1, "Basic QTpC", CREDENTIAL_COOKIE_TOKEN, T1, true},
    {"parley_session=x", "Bearer " T2, CREDENTIAL_BEARER, T2, true},
};

static void headers_give_one_credential(void **state) {
    (void)state;
    token_setup();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        credential c;
        uint8_t hash[TOKEN_HASH] = {0};
        credential_read(&c, ROWS[i].cookie, ROWS[i].authorization);
        if (c.kind != ROWS[i].kind || c.cookie_sent != ROWS[i].cookie_sent) fail_msg("row %zu", i);
        if (ROWS[i].token != NULL) token_hash(ROWS[i].token, hash);
        assert_memory_equal(c.hash, hash, TOKEN_HASH);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(headers_give_one_credential)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
