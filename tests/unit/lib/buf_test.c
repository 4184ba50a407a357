// SPDX-License-Identifier: Apache-2.0
// Buf: appending, the bound, JSON strings.
#include "lib/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mem.h"

static void appends_and_stays_terminated(void **state) {
    (void)state;
    buf b;
    buf_init(&b, BUF_NO_LIMIT);
    assert_string_equal(b.data, "");
    buf_add_text(&b, "a");
    buf_add_char(&b, 'b');
    buf_add_int(&b, INT64_MIN);
    buf_printf(&b, "[%s]", "x");
    assert_string_equal(b.data, "ab-9223372036854775808[x]");
    assert_int_equal(b.len, strlen(b.data));
    buf_reset(&b);
    assert_string_equal(b.data, "");
    buf_free(&b);
}

static void grows_far(void **state) {
    (void)state;
    buf b;
    buf_init(&b, BUF_NO_LIMIT);
    for (int i = 0; i < 100000; i++)
        buf_add_text(&b, "0123456789");
    assert_int_equal(b.len, 1000000);
    buf_reset(&b);
    assert_true(b.cap < 100000);
    buf_free(&b);
}

static void at_the_bound_an_append_is_dropped_whole(void **state) {
    (void)state;
    buf b;
    buf_init(&b, 5);
    buf_add_text(&b, "abc");
    buf_add_text(&b, "def");
    assert_true(b.full);
    buf_add_char(&b, 'x');
    assert_string_equal(b.data, "abc");
    buf_reset(&b);
    assert_false(b.full);
    buf_add_text(&b, "12345");
    assert_false(b.full);
    buf_printf(&b, "%d", 6);
    assert_true(b.full);
    assert_string_equal(b.data, "12345");
    buf_free(&b);
}

static void taking_leaves_an_empty_one(void **state) {
    (void)state;
    buf b;
    buf_init(&b, 100);
    buf_add_text(&b, "mine");
    char *taken = buf_take(&b);
    buf_add_text(&b, "other");
    assert_string_equal(taken, "mine");
    mem_free(taken);
    buf_free(&b);
    buf_free(&b);
}

typedef struct row {
    const char *text;
    size_t len;
    const char *json;
} row;

static const row ROWS[] = {
    {"", 0, "\"\""},
    {"plain", 5, "\"plain\""},
    {"\"\\/", 3, "\"\\\"\\\\/\""},
    {"\n\r\t", 3, "\"\\n\\r\\t\""},
    {"\x01\x1f\x7f", 3, "\"\\u0001\\u001f\\u007f\""},
    {"a\0b", 3, "\"a\\u0000b\""},
    {"ä€😀", 9, "\"ä€😀\""},
    {"x\xe2\x80\xa8y\xe2\x80\xa9", 8, "\"x\\u2028y\\u2029\""},
    {"\xe2\x80\xa7", 3, "\"\xe2\x80\xa7\""},
};

static void json_strings_are_escaped(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        buf b;
        buf_init(&b, 1000);
        buf_add_json(&b, ROWS[i].text, ROWS[i].len);
        assert_string_equal(b.data, ROWS[i].json);
        buf_free(&b);
    }
    buf b;
    buf_init(&b, 1000);
    buf_add_json_text(&b, NULL);
    assert_string_equal(b.data, "null");
    buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends_and_stays_terminated),
        cmocka_unit_test(grows_far),
        cmocka_unit_test(at_the_bound_an_append_is_dropped_whole),
        cmocka_unit_test(taking_leaves_an_empty_one),
        cmocka_unit_test(json_strings_are_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
