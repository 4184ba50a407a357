// SPDX-License-Identifier: Apache-2.0
// JSON: what is refused, and what comes out of what is not.
#include "lib/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "lib/json_scan.h"

#if defined(__SANITIZE_ADDRESS__)
#define MS_MAX 500
#else
#define MS_MAX 50
#endif
#define DEPTH 16

static struct json_object *parse(const char *text, size_t len, problem *why) {
    *why = (problem){0};
    return json_parse(text, len, DEPTH, why);
}

static const char *const GOOD[] = {
    "{}",
    "[]",
    " \t\r\n{ \"a\" : 1 } \n",
    "{\"a\":{\"b\":[1,2,{\"c\":null}]}}",
    "[true,false,null]",
    "[0,-0,1.5,-1.5e10,1E+2,1e-2,0.0]",
    "\"text\"",
    "12",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"]",
    "[\"\\ud83d\\ude00\"]",
    "[\"\xf0\x9f\x98\x80\"]",
    "{\"\":1}",
    "{\"__proto__\":1,\"constructor\":2}",
    "[99999999999999999999,1e400]",
    "[\"\x7f\"]",
    "{\"a\":1,\"b\":1,\"A\":1}",
    "[\"\xef\xbf\xbf\"]",
    "[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", // 16 deep
};

static const char *const BAD[] = {
    "",
    " ",
    "null",
    "{",
    "}",
    "[",
    "]",
    "{]",
    "[}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1,}",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{a:1}",
    "{'a':1}",
    "['a']",
    "[NaN]",
    "[nan]",
    "[Infinity]",
    "[-Infinity]",
    "[+1]",
    "[01]",
    "[-]",
    "[1.]",
    "[.5]",
    "[1e]",
    "[1e+]",
    "[0x10]",
    "[12abc]",
    "[tru]",
    "[True]",
    "[nul]",
    "[truex]",
    "{} x",
    "{}{}",
    "[]\xef\xbb\xbf",
    "\xef\xbb\xbf{}",
    "[1]//c",
    "/*c*/[1]",
    "[\"a]",
    "[\"\\\"]",
    "[\"\\x\"]",
    "[\"\\u12\"]",
    "[\"\\u12g4\"]",
    "[\"\\u\"]",
    "[\"\n\"]",
    "[\"\t\"]",
    "[\"\x01\"]",
    "[\"\\u0000\"]",
    "{\"\\u0000\":1}",
    "[\"a\\u0000b\"]",
    "[\"\\ud800\"]",
    "[\"\\udc00\"]",
    "[\"\\ud800x\"]",
    "[\"\\ud800\\ud800\"]",
    "[\"\\udc00\\ud800\"]",
    "[\"\\ud83d\\\"]",
    "[\"\\ud83d\\u0041\"]",
    "{\"\\ud800\":1}",
    "[\"\xc0\xaf\"]",
    "[\"\xe0\x80\x80\"]",
    "[\"\xed\xa0\x80\"]",
    "[\"\xf4\x90\x80\x80\"]",
    "[\"\xff\"]",
    "[\"\xf0\x9f\x98\"]",
    "[\"\x80\"]",
    "{\"\xff\":1}",
    "\xff",
    "{\"a\":1,\"a\":2}",
    "{\"a\":1,\"\\u0061\":2}",
    "[{\"x\":{\"k\":1,\"k\":1}}]",
    "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", // 17 deep
    "{\"a\":1 \"b\":2}",
    "[1\x0b]",
    "[1\xc2\xa0]",
    "\xfe\xff\x5b\x5d",
};

static void good_texts_are_taken(void **state) {
    (void)state;
    problem why;
    for (size_t i = 0; i < sizeof GOOD / sizeof GOOD[0]; i++) {
        struct json_object *value = parse(GOOD[i], strlen(GOOD[i]), &why);
        if (value == NULL) fail_msg("%s: %s", GOOD[i], why.detail);
        json_object_put(value);
    }
}

static void bad_texts_are_refused(void **state) {
    (void)state;
    problem why;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        if (parse(BAD[i], strlen(BAD[i]), &why) != NULL) fail_msg("taken: %s", BAD[i]);
        assert_int_equal(why.code, ERROR_MALFORMED);
        assert_true(strlen(why.detail) > 0);
    }
    assert_null(parse("[1]\0", 4, &why)); // a raw NUL behind, within, in a string
    assert_null(parse("[1\0]", 4, &why));
    assert_null(parse("[\"\0\"]", 5, &why));
}

// Whatever is cut off or changed in one byte: no crash, and the length given is never overstepped (the sanitizers see it).
static void broken_texts_do_no_harm(void **state) {
    (void)state;
    static const char text[] =
        "{\"a\":[1,-2.5e3,\"x\\ud83d\\ude00\\n\xf0\x9f\x98\x80\",true,null],\"b\":{\"c\":false}}";
    problem why;
    for (size_t cut = 0; cut < sizeof text - 1; cut++) {
        char *copy = malloc(cut == 0 ? 1 : cut);
        memcpy(copy, text, cut);
        assert_null(parse(copy, cut, &why));
        free(copy);
    }
    for (size_t at = 0; at < sizeof text - 1; at++)
        for (int byte = 0; byte < 256; byte++) {
            char copy[sizeof text];
            memcpy(copy, text, sizeof text);
            copy[at] = (char)byte;
            json_object_put(parse(copy, sizeof text - 1, &why));
        }
}

static void timed(const char *what, const char *text, size_t len, bool good) {
    problem why;
    clock_t from = clock(); // of this process: the machine may be busy
    struct json_object *value = parse(text, len, &why);
    long took = (long)((clock() - from) * 1000 / CLOCKS_PER_SEC);
    json_object_put(value);
    if ((value != NULL) != good) fail_msg("%s: %s", what, why.detail);
    if (took > MS_MAX) fail_msg("%s took %ld ms", what, took);
}

static void hostile_sizes_are_quick(void **state) {
    (void)state;
    size_t len = 256 * 1024;
    char *text = malloc(len + 1);
    memset(text, '[', len);
    timed("only opening brackets", text, len, false);
    memset(text, '"', len);
    timed("only quotes", text, len, false);
    memset(text, ' ', len);
    timed("only blanks", text, len, false);
    memset(text, '9', len);
    text[0] = '[';
    text[len - 1] = ']';
    timed("one huge number", text, len, true);
    size_t at = (size_t)snprintf(text, len, "{\"k\":0");
    for (int i = 0; at + 20 < len; i++)
        at += (size_t)snprintf(text + at, len - at, ",\"k%d\":1", i);
    text[at++] = '}';
    timed("very many keys", text, at, false);
    free(text);
}

// "[" item "," item … "]" of so many items.
static char *many(const char *item, size_t count) {
    size_t step = strlen(item) + 1;
    char *text = malloc(count * step + 2);
    for (size_t i = 0; i < count; i++) {
        text[i * step] = i == 0 ? '[' : ',';
        memcpy(text + i * step + 1, item, step - 1);
    }
    memcpy(text + count * step, "]", 2);
    return text;
}

static void check_many(const char *item, size_t count, bool good) {
    char *text = many(item, count);
    timed(item, text, strlen(text), good);
    free(text);
}

static void what_json_c_would_blow_up_is_bounded(void **state) {
    (void)state;
    check_many("1", JSON_VALUES_MAX - 1, true);
    check_many("1", JSON_VALUES_MAX, false);
    check_many("[]", JSON_CONTAINERS_MAX - 1, true);
    check_many("[]", JSON_CONTAINERS_MAX, false);
    check_many("{}", JSON_CONTAINERS_MAX, false);
    check_many("[]", 80000, false);
}

static void depth_is_as_asked(void **state) {
    (void)state;
    problem why = {0};
    for (int depth = 1; depth < 40; depth++) {
        char text[100];
        for (int nested = 1; nested < 45; nested++) {
            memset(text, '[', (size_t)nested);
            memset(text + nested, ']', (size_t)nested);
            struct json_object *value = json_parse(text, 2 * (size_t)nested, depth, &why);
            assert_int_equal(value != NULL, nested <= depth);
            json_object_put(value);
        }
    }
}

typedef struct number {
    const char *text;
    int64_t value; // of id_parse
} number;

static const number IDS[] = {
    {"1", 1},
    {"9223372036854775807", INT64_MAX},
    {"9223372036854775808", 0},
    {"18446744073709551616", 0},
    {"0", 0},
    {"", 0},
    {"-1", 0},
    {"+1", 0},
    {" 1", 0},
    {"1 ", 0},
    {"01", 0},
    {"1a", 0},
    {"0x1", 0},
    {"1.0", 0},
    {"1e3", 0},
    {"٣", 0},
    {"99999999999999999999", 0},
    {"912919006342545409", 912919006342545409},
};

static void ids_are_decimal_strings(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof IDS / sizeof IDS[0]; i++)
        assert_true(id_parse(IDS[i].text, strlen(IDS[i].text)) == IDS[i].value);
    assert_true(number_parse("0", 1, 10) == 0);
    assert_true(number_parse("10", 2, 10) == 10);
    assert_true(number_parse("11", 2, 10) == -1);
}

static void wiping_leaves_no_text(void **state) {
    static const char text[] =
        "{\"password\": \"correct horse battery staple\", \"more\": [1, {\"new\": \"short\"}]}";
    (void)state;
    problem why = {0};
    struct json_object *value = json_parse(text, sizeof text - 1, 16, &why), *password, *more, *new;
    assert_non_null(value);
    json_object_object_get_ex(value, "password", &password);
    json_object_object_get_ex(value, "more", &more);
    json_object_object_get_ex(json_object_array_get_idx(more, 1), "new", &new);
    json_wipe(value);
    for (int i = 0; i < 28; i++)
        assert_int_equal(json_object_get_string(password)[i], 0);
    assert_string_equal(json_object_get_string(new), "");
    json_object_put(value);
    json_wipe(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts_are_taken),
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(broken_texts_do_no_harm),
        cmocka_unit_test(hostile_sizes_are_quick),
        cmocka_unit_test(what_json_c_would_blow_up_is_bounded),
        cmocka_unit_test(depth_is_as_asked),
        cmocka_unit_test(ids_are_decimal_strings),
        cmocka_unit_test(wiping_leaves_no_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
