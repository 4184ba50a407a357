// SPDX-License-Identifier: Apache-2.0
// Errors: the table is whole, names come back, documents are well-formed.
#include "lib/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/json.h"

static void every_row_is_whole(void **state) {
    (void)state;
    for (int i = 0; i < ERROR_COUNT; i++) {
        const error_row *row = error_info((enum error)i);
        assert_non_null(row->name);
        assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(row->name));
        assert_true(strlen(row->title) > 0 && row->title[strlen(row->title) - 1] != '.');
        assert_true(row->close == 0 || (row->close >= 1000 && row->close <= 4003));
        if (i == ERROR_NONE) continue;
        assert_true(row->status >= 400 && row->status <= 503);
        assert_int_equal(error_by_name(row->name), i);
    }
    assert_int_equal(error_by_name("ok"), ERROR_NONE);
    assert_int_equal(error_by_name("nonsense"), ERROR_NONE);
    assert_int_equal(error_by_name(""), ERROR_NONE);
    assert_string_equal(error_info((enum error)9999)->name, "internal");
}

static char *document(const problem *p) {
    static char text[2048];
    buf b;
    buf_init(&b, sizeof text - 1);
    problem_write(&b, p);
    assert_false(b.full);
    memcpy(text, b.data, b.len + 1);
    buf_free(&b);
    return text;
}

static void documents_are_rfc_9457(void **state) {
    (void)state;
    problem p;
    problem_set(&p, ERROR_NOT_A_MEMBER, NULL);
    assert_string_equal(document(&p),
                        "{\"type\":\"urn:parley:not_a_member\",\"title\":\"You are not a member of this "
                        "conversation\",\"status\":403}");
    problem_set(&p, ERROR_TOO_MANY, "a \"quoted\"\n%s", "line");
    p.retry_after = 7;
    assert_string_equal(document(&p),
                        "{\"type\":\"urn:parley:too_many\",\"title\":\"Too many requests\",\"status\":429,"
                        "\"detail\":\"a \\\"quoted\\\"\\nline\",\"retry_after\":7}");
    problem_set(&p, ERROR_UNAVAILABLE, NULL);
    assert_true(p.retry_after > 0);
    for (int i = 1; i < ERROR_COUNT; i++) {
        problem why = {0};
        problem_set(&p, (enum error)i, "x");
        struct json_object *value = json_parse(document(&p), strlen(document(&p)), 2, &why);
        assert_non_null(value);
        json_object_put(value);
    }
}

static void long_details_are_cut_between_characters(void **state) {
    (void)state;
    char text[1000];
    for (size_t shift = 0; shift < 4; shift++) {
        problem p;
        memset(text, 'a', shift);
        for (size_t i = shift; i + 4 < sizeof text; i += 4)
            memcpy(text + i, "😀", 5);
        problem_set(&p, ERROR_INVALID, "%s", text);
        problem why = {0};
        struct json_object *value = json_parse(document(&p), strlen(document(&p)), 2, &why);
        if (value == NULL) fail_msg("shift %zu: %s", shift, why.detail);
        json_object_put(value);
    }
}

// Results as libpq makes them by itself; what the server says is tested with a server (db_test).
static void lost_connections_are_unavailable(void **state) {
    (void)state;
    problem p;
    problem_from_result(&p, NULL);
    assert_int_equal(p.code, ERROR_UNAVAILABLE);
    PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_FATAL_ERROR);
    problem_from_result(&p, result);
    assert_int_equal(p.code, ERROR_UNAVAILABLE);
    PQclear(result);
    result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
    problem_from_result(&p, result);
    assert_int_equal(p.code, ERROR_NONE);
    PQclear(result);
}

// Whatever a function of sql/ raises by name has a row. (Names that come through a variable are seen by the tests there.)
static void every_name_raised_in_sql_has_a_row(void **state) {
    (void)state;
    char name[100];
    int names = 0;
    FILE *list = popen("grep -rhoE \"_fail[(]'[a-z_]+'\" sql | sed \"s/.*'\\(.*\\)'/\\1/\" | sort -u", "r");
    assert_non_null(list);
    for (; fgets(name, sizeof name, list) != NULL; names++) {
        name[strcspn(name, "\n")] = '\0';
        if (error_by_name(name) == ERROR_NONE) fail_msg("sql/ raises %s, which has no row", name);
    }
    pclose(list);
    assert_true(names > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_whole),
        cmocka_unit_test(documents_are_rfc_9457),
        cmocka_unit_test(long_details_are_cut_between_characters),
        cmocka_unit_test(lost_connections_are_unavailable),
        cmocka_unit_test(every_name_raised_in_sql_has_a_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
