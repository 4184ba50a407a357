// SPDX-License-Identifier: Apache-2.0
// Rules of accounts.
#include "lib/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const config cfg = {.login_min_chars = 2,
                           .login_max_chars = 8,
                           .body_max_bytes = 1000,
                           .display_name_max_chars = 5,
                           .password_min_bytes = 3,
                           .password_max_bytes = 6};

typedef struct row {
    const char *text, *login; // NULL = refused
} row;

static const row ROWS[] = {
    {"ada", "ada"},
    {"ADA.b-c", "ada.b-c"},
    {"a_1", "a_1"},
    {"12345678", "12345678"},
    {"..", ".."},
    {"", NULL},
    {"a", NULL},
    {"123456789", NULL},
    {"ada ", NULL},
    {" ada", NULL},
    {"a/b", NULL},
    {"ädä", NULL},
    {"\xc4\xb0x", NULL}, // U+0130 folds to i elsewhere
    {"a\nb", NULL},
    {"a@b", NULL},
    {"a\x7f"
     "b",
     NULL},
};

static void logins_are_folded_or_refused(void **state) {
    (void)state;
    arena *a = arena_create();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const char *login = account_login_fold(&cfg, a, ROWS[i].text);
        if ((login == NULL) != (ROWS[i].login == NULL)) fail_msg("%s", ROWS[i].text);
        if (login != NULL) assert_string_equal(login, ROWS[i].login);
    }
    arena_destroy(a);
}

static void a_bad_login_says_what_is_expected(void **state) {
    (void)state;
    static const char text[] = "{\"login\":\"A B\"}";
    arena *a = arena_create();
    problem why = {0};
    struct json_object *object = json_parse(text, strlen(text), 4, &why);
    json_reader in = json_reader_of(object, &why);
    assert_null(account_need_login(&in, &cfg, a));
    assert_int_equal(why.code, ERROR_INVALID);
    assert_non_null(strstr(why.detail, "2 to 8 of a-z"));
    json_object_put(object);
    arena_destroy(a);
}

static void names_and_passwords_have_their_limits(void **state) {
    (void)state;
    problem why = {0};
    assert_true(text_fits("äöü€😀", 13, account_name_rule(&cfg), "n", &why));
    assert_false(text_fits("123456", 6, account_name_rule(&cfg), "n", &why));
    assert_false(text_fits("a\nb", 3, account_name_rule(&cfg), "n", &why));
    assert_true(text_fits("   ", 3, account_password_rule(&cfg), "p", &why));
    assert_true(text_fits("€€", 6, account_password_rule(&cfg), "p", &why));
    assert_false(text_fits("€€x", 7, account_password_rule(&cfg), "p", &why));
    assert_false(text_fits("ab", 2, account_password_rule(&cfg), "p", &why));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logins_are_folded_or_refused),
        cmocka_unit_test(a_bad_login_says_what_is_expected),
        cmocka_unit_test(names_and_passwords_have_their_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
