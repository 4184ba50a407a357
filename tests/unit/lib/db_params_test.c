// SPDX-License-Identifier: Apache-2.0
// Parameters in PostgreSQL's text forms, and the statement of a call.
#include "lib/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

static void values_have_their_text(void **state) {
    (void)state;
    arena *a = arena_create();
    db_params p = db_params_new(a);
    rate some = {10, 300}, off = {0, 0};
    db_null(&p);
    db_text(&p, NULL);
    db_text(&p, "it's \"so\"");
    db_int(&p, INT64_MIN);
    db_id(&p, 0);
    db_id(&p, INT64_MAX);
    db_bool(&p, true);
    db_bool(&p, false);
    db_bytes(&p, NULL, 3);
    db_bytes(&p, "\x00\xab\xff", 3);
    db_rate(&p, &some);
    db_rate(&p, &off);
    static const char *const expected[] = {NULL,          NULL,
                                           "it's \"so\"", "-9223372036854775808",
                                           NULL,          "9223372036854775807",
                                           "t",           "f",
                                           NULL,          "\\x00abff",
                                           "10",          "300",
                                           NULL,          NULL};
    assert_int_equal(p.count, sizeof expected / sizeof expected[0]);
    for (int i = 0; i < p.count; i++) {
        if (expected[i] == NULL)
            assert_null(p.values[i]);
        else
            assert_string_equal(p.values[i], expected[i]);
    }
    arena_destroy(a);
}

static void arrays_quote_every_text(void **state) {
    (void)state;
    arena *a = arena_create();
    db_params p = db_params_new(a);
    const int64_t ids[] = {1, -2, INT64_MAX};
    const char *const texts[] = {"plain", "", NULL, "NULL", "a,b}", "\"\\\"", "\\", "ä\n", " x "};
    const bool flags[] = {true, false};
    db_ids(&p, ids, 3);
    db_ids(&p, NULL, 0);
    db_texts(&p, texts, 9);
    db_texts(&p, NULL, 0);
    db_bools(&p, flags, 2);
    assert_string_equal(p.values[0], "{1,-2,9223372036854775807}");
    assert_string_equal(p.values[1], "{}");
    assert_string_equal(p.values[2],
                        "{\"plain\",\"\",NULL,\"NULL\",\"a,b}\",\"\\\"\\\\\\\"\",\"\\\\\",\"ä\n\",\" x \"}");
    assert_string_equal(p.values[3], "{}");
    assert_string_equal(p.values[4], "{t,f}");
    arena_destroy(a);
}

static void statements_are_made_from_types(void **state) {
    (void)state;
    arena *a = arena_create();
    assert_string_equal(db_statement(a, &(db_call){"x_y", ""}), "SELECT * FROM api.x_y()");
    assert_string_equal(db_statement(a, &(db_call){"x_y", "bytea"}), "SELECT * FROM api.x_y($1::bytea)");
    assert_string_equal(db_statement(a, &(db_call){"x_y", " bytea  bigint[] text "}),
                        "SELECT * FROM api.x_y($1::bytea,$2::bigint[],$3::text)");
    arena_destroy(a);
}

static const char *value_of(const db_conninfo *info, const char *keyword) {
    for (size_t i = 0; info->keywords[i] != NULL; i++)
        if (strcmp(info->keywords[i], keyword) == 0) return info->values[i];
    return NULL;
}

static void connections_are_made_of_the_configuration(void **state) {
    (void)state;
    arena *a = arena_create();
    char path[] = "/tmp/parley-password-XXXXXX";
    int file = mkstemp(path);
    assert_int_equal(write(file, "s3cret\nrest\n", 12), 12);
    close(file);
    config c = {.database = "host=/tmp dbname=x connect_timeout=9",
                .database_password_file = path,
                .role_prefix = "p_"};
    db_conninfo info = db_conninfo_of(a, &c, "login");
    assert_string_equal(value_of(&info, "user"), "p_login");
    assert_string_equal(value_of(&info, "host"), "/tmp");
    assert_string_equal(value_of(&info, "connect_timeout"), "9");
    assert_string_equal(value_of(&info, "client_encoding"), "UTF8");
    assert_string_equal(value_of(&info, "keepalives_idle"), "5");
    assert_string_equal(value_of(&info, "password"), "s3cret");
    assert_string_equal(value_of(&info, "application_name"), "parley-login");
    remove(path);
    log_setup("unit", LEVEL_OFF);
    info = db_conninfo_of(a, &c, "login");
    assert_null(value_of(&info, "password"));
    arena_destroy(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_have_their_text),
        cmocka_unit_test(arrays_quote_every_text),
        cmocka_unit_test(statements_are_made_from_types),
        cmocka_unit_test(connections_are_made_of_the_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
