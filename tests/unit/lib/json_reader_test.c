// SPDX-License-Identifier: Apache-2.0
// Readers: each type of member against each type of value.
#include "lib/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NAME_RULE ((text_rule){1, 5, TEXT_NAME})

static const char *const CHOICES[] = {"private", "public", NULL};
static arena *memory;

// One reader of member "m"; returns what it read as a text to compare.
typedef const char *(*reader)(json_reader *in);

static const char *need_text(json_reader *in) {
    return json_need_text(in, "m", (text_rule){1, 3, TEXT_NOT_BLANK});
}
static const char *want_name(json_reader *in) {
    return json_want_text(in, "m", NAME_RULE);
}
static const char *need_bytes(json_reader *in) {
    return json_need_text(in, "m", (text_rule){2, 4, TEXT_BYTES});
}
static const char *need_id(json_reader *in) {
    return arena_printf(memory, "%lld", (long long)json_need_id(in, "m"));
}
static const char *need_uuid(json_reader *in) {
    return json_need_uuid(in, "m");
}
static const char *need_int(json_reader *in) {
    return arena_printf(memory, "%lld", (long long)json_need_int(in, "m", 0, 9007199254740991));
}
static const char *want_int(json_reader *in) {
    return arena_printf(memory, "%lld", (long long)json_want_int(in, "m", -5, 5, 3));
}
static const char *want_bool(json_reader *in) {
    return json_want_bool(in, "m", true) ? "yes" : "no";
}
static const char *need_choice(json_reader *in) {
    return json_need_choice(in, "m", CHOICES);
}
static const char *want_choice(json_reader *in) {
    return json_want_choice(in, "m", CHOICES);
}
static const char *ids(json_reader *in, bool needed) {
    int64_t *list;
    size_t n = needed ? json_need_ids(in, "m", 2, memory, &list) : json_want_ids(in, "m", 2, memory, &list);
    const char *text = "";
    for (size_t i = 0; i < n; i++)
        text = arena_printf(memory, "%s%lld,", text, (long long)list[i]);
    return text;
}
static const char *need_ids(json_reader *in) {
    return ids(in, true);
}
static const char *want_ids(json_reader *in) {
    return ids(in, false);
}
static const char *want_object(json_reader *in) {
    return json_want_object(in, "m") == NULL ? NULL : "object";
}
static const char *want_array(json_reader *in) {
    return json_want_array(in, "m", 2) == NULL ? NULL : "array";
}

#define WRONG "(wrong)"

typedef struct row {
    reader read;
    const char *value; // JSON of member m; NULL = not there
    const char *expected;
} row;

static const row ROWS[] = {
    {need_text, "\"abc\"", "abc"},
    {need_text, "\"ä€😀\"", "ä€😀"},
    {need_text, "\"abcd\"", WRONG},
    {need_text, "\"\"", WRONG},
    {need_text, "\" \"", WRONG},
    {need_text, "\"\\u3000\"", WRONG},
    {need_text, "\"a\\n\"", "a\n"},
    {need_text, NULL, WRONG},
    {need_text, "null", WRONG},
    {need_text, "1", WRONG},
    {need_text, "true", WRONG},
    {need_text, "[\"a\"]", WRONG},
    {need_text, "{}", WRONG},
    {want_name, NULL, NULL},
    {want_name, "null", NULL},
    {want_name, "\"Ada\"", "Ada"},
    {want_name, "\"a\\tb\"", WRONG},
    {want_name, "\"\\u202eab\"", WRONG},
    {want_name, "\"   \"", WRONG},
    {want_name, "\"abcdef\"", WRONG},
    {want_name, "5", WRONG},
    {need_bytes, "\"€\"", "€"},
    {need_bytes, "\"€€\"", WRONG},
    {need_bytes, "\"  \"", "  "},
    {need_bytes, "\"a\"", WRONG},
    {need_id, "\"42\"", "42"},
    {need_id, "42", WRONG},
    {need_id, "\"0\"", WRONG},
    {need_id, "\"042\"", WRONG},
    {need_id, "\"-1\"", WRONG},
    {need_id, "\"9223372036854775808\"", WRONG},
    {need_id, "null", WRONG},
    {need_id, NULL, WRONG},
    {need_uuid, "\"123e4567-e89b-12d3-a456-426614174000\"", "123e4567-e89b-12d3-a456-426614174000"},
    {need_uuid, "\"123e4567e89b12d3a456426614174000\"", WRONG},
    {need_uuid, "\"{23e4567-e89b-12d3-a456-426614174000\"", WRONG},
    {need_uuid, "\"\"", WRONG},
    {need_uuid, "1", WRONG},
    {need_uuid, NULL, WRONG},
    {need_int, "0", "0"},
    {need_int, "-0", "0"},
    {need_int, "9007199254740991", "9007199254740991"},
    {need_int, "9007199254740992", WRONG},
    {need_int, "9223372036854775807", WRONG},
    {need_int, "9223372036854775808", WRONG},
    {need_int, "99999999999999999999999", WRONG},
    {need_int, "-1", WRONG},
    {need_int, "1.0", WRONG},
    {need_int, "1e2", WRONG},
    {need_int, "1e400", WRONG},
    {need_int, "\"1\"", WRONG},
    {need_int, "true", WRONG},
    {need_int, NULL, WRONG},
    {want_int, NULL, "3"},
    {want_int, "null", "3"},
    {want_int, "-5", "-5"},
    {want_int, "6", WRONG},
    {want_int, "-99999999999999999999", WRONG},
    {want_bool, NULL, "yes"},
    {want_bool, "null", "yes"},
    {want_bool, "false", "no"},
    {want_bool, "0", WRONG},
    {need_choice, "\"public\"", "public"},
    {need_choice, "\"Public\"", WRONG},
    {need_choice, "\"\"", WRONG},
    {need_choice, NULL, WRONG},
    {want_choice, NULL, NULL},
    {want_choice, "\"x\"", WRONG},
    {want_choice, "[]", WRONG},
    {need_ids, "[\"1\",\"2\"]", "1,2,"},
    {need_ids, "[\"1\",\"1\"]", "1,1,"},
    {need_ids, "[]", WRONG},
    {need_ids, NULL, WRONG},
    {need_ids, "[\"1\",\"2\",\"3\"]", WRONG},
    {need_ids, "[1]", WRONG},
    {need_ids, "[null]", WRONG},
    {need_ids, "[\"x\"]", WRONG},
    {need_ids, "\"1\"", WRONG},
    {want_ids, NULL, ""},
    {want_ids, "null", ""},
    {want_ids, "[]", ""},
    {want_ids, "[[]]", WRONG},
    {want_object, "{}", "object"},
    {want_object, "[]", WRONG},
    {want_object, NULL, NULL},
    {want_object, "null", NULL},
    {want_array, "[1,2]", "array"},
    {want_array, "[1,2,3]", WRONG},
    {want_array, "{}", WRONG},
    {want_array, NULL, NULL},
};

static void check_row(const row *r) {
    char text[200];
    problem why = {0};
    snprintf(text, sizeof text, "{%s%s}", r->value == NULL ? "" : "\"m\":", r->value == NULL ? "" : r->value);
    struct json_object *object = json_parse(text, strlen(text), 16, &why);
    if (object == NULL) fail_msg("%s: %s", text, why.detail);
    json_reader in = json_reader_of(object, &why);
    const char *got = r->read(&in);
    bool wrong = r->expected != NULL && strcmp(r->expected, WRONG) == 0;
    if (json_ok(&in) == wrong)
        fail_msg("row %ld, %s: %s", (long)(r - ROWS), text, wrong ? "taken" : why.detail);
    if (wrong) {
        assert_int_equal(why.code, ERROR_INVALID);
        assert_memory_equal(why.detail, "m: expected ", 12);
    } else if (r->expected == NULL) {
        assert_null(got);
    } else {
        assert_string_equal(got, r->expected);
    }
    json_object_put(object);
}

static void each_reader_takes_its_own_type_only(void **state) {
    (void)state;
    memory = arena_create();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        check_row(&ROWS[i]);
    arena_destroy(memory);
}

static void the_first_thing_wrong_is_kept(void **state) {
    (void)state;
    static const char text[] = "{\"a\":1,\"b\":\"2\",\"n\":null}";
    problem why = {0};
    struct json_object *object = json_parse(text, strlen(text), 16, &why);
    json_reader in = json_reader_of(object, &why);
    assert_true(json_has(&in, "a") && json_has(&in, "n") && !json_has(&in, "x"));
    assert_true(json_is_null(&in, "n") && !json_is_null(&in, "a") && !json_is_null(&in, "x"));
    assert_null(json_need_text(&in, "a", NAME_RULE));
    assert_int_equal(json_need_id(&in, "b"), 0); // good, but not read any more
    assert_null(json_need_text(&in, "x", NAME_RULE));
    assert_memory_equal(why.detail, "a: ", 3);
    json_object_put(object);
}

static void what_is_no_object_is_wrong_at_once(void **state) {
    (void)state;
    static const char *const texts[] = {"[]", "1", "\"x\"", "true"};
    for (size_t i = 0; i < 4; i++) {
        problem why = {0};
        struct json_object *value = json_parse(texts[i], strlen(texts[i]), 16, &why);
        json_reader in = json_reader_of(value, &why);
        assert_false(json_ok(&in));
        assert_false(json_has(&in, "a"));
        assert_null(json_want_text(&in, "a", NAME_RULE));
        json_object_put(value);
    }
    problem why = {0};
    json_reader in = json_reader_of(NULL, &why);
    assert_true(json_ok(&in));
    assert_null(json_want_text(&in, "a", NAME_RULE));
    assert_true(json_ok(&in));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_reader_takes_its_own_type_only),
        cmocka_unit_test(the_first_thing_wrong_is_kept),
        cmocka_unit_test(what_is_no_object_is_wrong_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
