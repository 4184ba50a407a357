// SPDX-License-Identifier: Apache-2.0
// Requests: path, query, headers, body.
#include "web/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/token.h"

static config cfg = {.body_max_bytes = 1000, .json_depth = 16};
static arena *memory;
static request r;

static int begin(void **state) {
    (void)state;
    token_setup();
    log_setup("unit", LEVEL_OFF);
    memory = arena_create();
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_destroy(memory);
    return 0;
}

static void read_uri(const char *uri) {
    char target[9000];
    snprintf(target, sizeof target, "REQUEST_URI=%s", uri);
    char *variables[] = {(char *)(uintptr_t) "REQUEST_METHOD=GET", target, NULL};
    request_read(&r, &cfg, NULL, memory, variables);
}

typedef struct path_row {
    const char *uri, *path;
    size_t count;
    const char *last;
} path_row;

static const path_row PATHS[] = {
    {"/", "/", 1, ""},
    {"/api/me", "/api/me", 2, "me"},
    {"/api/me?x=1", "/api/me", 2, "me"},
    {"/api/me#x", "/api/me", 2, "me"},
    {"/api//me", "/api//me", 3, "me"},
    {"/api/me/", "/api/me/", 3, ""},
    {"/api/m%65", "/api/m%65", 2, "me"},
    {"/api/a%2Fb", "/api/a%2Fb", 2, "a/b"},
    {"/api/%2e%2e/x", "/api/%2e%2e/x", 3, "x"},
    {"/api/a+b", "/api/a+b", 2, "a+b"},
    {"/api/%C3%A4", "/api/%C3%A4", 2, "ä"},
    {"/api/%", "/api/%", 0, NULL},
    {"/api/%4", "/api/%4", 0, NULL},
    {"/api/%zz", "/api/%zz", 0, NULL},
    {"/api/%00", "/api/%00", 0, NULL},
    {"/api/%c0%af", "/api/%c0%af", 0, NULL},
    {"/api/%ff", "/api/%ff", 0, NULL},
    {"/api/\xff", "/api/\xff", 0, NULL},
    {"api/me", "api/me", 0, NULL},
    {"http://h/api/me", "http://h/api/me", 0, NULL},
    {"", "", 0, NULL},
    {"*", "*", 0, NULL},
    {"/1/2/3/4/5/6/7/8/9/10/11/12", "/1/2/3/4/5/6/7/8/9/10/11/12", 12, "12"},
    {"/1/2/3/4/5/6/7/8/9/10/11/12/13", "/1/2/3/4/5/6/7/8/9/10/11/12/13", 0, NULL},
};

static void paths_are_decoded_strictly(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof PATHS / sizeof PATHS[0]; i++) {
        read_uri(PATHS[i].uri);
        assert_string_equal(r.path, PATHS[i].path);
        if (r.segments_count != PATHS[i].count) fail_msg("%s: %zu segments", PATHS[i].uri, r.segments_count);
        if (PATHS[i].last != NULL) assert_string_equal(r.segments[r.segments_count - 1], PATHS[i].last);
    }
}

typedef struct query_row {
    const char *query, *name, *value; // value NULL = there is none
    bool good;
} query_row;

static const text_rule ANY = {0, 1000, TEXT_ANY};
static const query_row QUERIES[] = {
    {"q=a", "q", "a", true},
    {"q=a&q=b", "q", "a", true},
    {"x=1&q=a+b%20c%2B", "q", "a b c+", true},
    {"q", "q", "", true},
    {"q=", "q", "", true},
    {"&&q=a&", "q", "a", true},
    {"q=a=b", "q", "a=b", true},
    {"%71=a", "q", "a", true},
    {"=a", "", "a", true},
    {"q=%F0%9F%98%80", "q", "😀", true},
    {"Q=a", "q", NULL, true},
    {"", "q", NULL, true},
    {"q=%", "q", NULL, false},
    {"q=%4", "q", NULL, false},
    {"q=%00", "q", NULL, false},
    {"q=%ed%a0%80", "q", NULL, false},
    {"%zz=1", "q", NULL, false},
    {"q=1&x=%gg", "q", NULL, false},
};

static void queries_are_decoded_strictly(void **state) {
    (void)state;
    char uri[200];
    for (size_t i = 0; i < sizeof QUERIES / sizeof QUERIES[0]; i++) {
        snprintf(uri, sizeof uri, "/api/x?%s", QUERIES[i].query);
        read_uri(uri);
        if ((r.why.code == ERROR_NONE) != QUERIES[i].good) fail_msg("%s", uri);
        const char *value = query_text(&r, QUERIES[i].name, ANY);
        if (QUERIES[i].value == NULL)
            assert_null(value);
        else
            assert_string_equal(value, QUERIES[i].value);
    }
}

static void long_queries_are_bounded(void **state) {
    (void)state;
    char uri[9000] = "/x?";
    for (int i = 0; i < REQUEST_QUERY_MAX; i++)
        strcat(uri, "&a=1");
    read_uri(uri);
    assert_int_equal(r.why.code, ERROR_NONE);
    strcat(uri, "&a=1");
    read_uri(uri);
    assert_int_equal(r.why.code, ERROR_MALFORMED);
}

static void query_values_have_types(void **state) {
    (void)state;
    int64_t *ids;
    read_uri("/x?id=42&n=7&limit=900&ids=1,2,3&e=&bad=x&neg=-1&big=99999999999999999999");
    assert_int_equal(query_id(&r, "id"), 42);
    assert_int_equal(query_id(&r, "none"), 0);
    assert_int_equal(query_int(&r, "n", 0, 10, 5), 7);
    assert_int_equal(query_int(&r, "none", 0, 10, 5), 5);
    assert_int_equal(query_limit(&r, 50, 200), 200);
    assert_int_equal(query_ids(&r, "ids", 3, &ids), 3);
    assert_int_equal(ids[2], 3);
    assert_int_equal(query_ids(&r, "none", 3, &ids), 0);
    assert_int_equal(query_ids(&r, "e", 3, &ids), 0);
    assert_int_equal(r.why.code, ERROR_NONE);
    static const char *const wrong[] = {"bad", "neg", "big", "e"};
    for (size_t i = 0; i < 4; i++) {
        r.why = (problem){0};
        assert_int_equal(query_int(&r, wrong[i], 0, INT64_MAX, 3), 3);
        assert_int_equal(r.why.code, ERROR_INVALID);
        r.why = (problem){0};
        assert_int_equal(query_id(&r, wrong[i]), 0);
        assert_int_equal(r.why.code, ERROR_INVALID);
    }
    assert_int_equal(query_id(&r, "id"), 0); // the first wrong one is kept
    static const char *const bad_ids[] = {"/x?ids=1,2,3,4", "/x?ids=1,,2", "/x?ids=a", "/x?ids=,1",
                                          "/x?ids=0"};
    for (size_t i = 0; i < 5; i++) {
        read_uri(bad_ids[i]);
        assert_int_equal(query_ids(&r, "ids", 3, &ids), 0);
        assert_int_equal(r.why.code, ERROR_INVALID);
    }
    read_uri("/x?limit=0");
    query_limit(&r, 50, 200);
    assert_int_equal(r.why.code, ERROR_INVALID);
}

static void read_variables(char *const *variables) {
    request_read(&r, &cfg, NULL, memory, variables);
}

#define V(text) ((char *)(uintptr_t)(text))

static void headers_are_taken(void **state) {
    (void)state;
    read_variables((char *[]){V("REQUEST_METHOD=PATCH"), V("REQUEST_URI=/x"), V("CONTENT_LENGTH=12"),
                              V("HTTP_ORIGIN="), V("REMOTE_ADDR=1.2.3.4"), V("HTTP_X_FORWARDED_FOR=9.9.9.9"),
                              V("REQUEST_ID=0123456789abcdef"), V("HTTP_USER_AGENT=curl/8"),
                              V("HTTP_HOSTX=no"), NULL});
    assert_int_equal(r.method, METHOD_PATCH);
    assert_int_equal(r.content_length, 12);
    assert_null(r.origin);
    assert_null(r.host);
    assert_string_equal(r.address, "1.2.3.4");
    assert_string_equal(r.id, "0123456789abcdef");
    assert_string_equal(request_device(&r), "curl/8");
    assert_int_equal(r.credential.kind, CREDENTIAL_NONE);
    read_variables(
        (char *[]){V("REQUEST_METHOD=HEAD"), V("REQUEST_ID=nice\nid"), V("HTTP_USER_AGENT=a\xff"), NULL});
    assert_int_equal(r.method, METHOD_GET);
    assert_true(r.head);
    assert_int_equal(strlen(r.id), 16);
    assert_string_equal(request_device(&r), "");
    read_variables((char *[]){NULL});
    assert_int_equal(r.method, METHOD_OTHER);
    assert_string_equal(r.path, "");
    read_variables((char *[]){V("REQUEST_METHOD=get"), NULL});
    assert_int_equal(r.method, METHOD_OTHER);
}

typedef struct length_row {
    const char *text;
    int64_t length;
} length_row;

static const length_row LENGTHS[] = {
    {"CONTENT_LENGTH=", 0},     {"CONTENT_LENGTH=0", 0},   {"CONTENT_LENGTH=5", 5},
    {"CONTENT_LENGTH=-5", -1},  {"CONTENT_LENGTH=5x", -1}, {"CONTENT_LENGTH= 5", -1},
    {"CONTENT_LENGTH=0x5", -1}, {"CONTENT_LENGTH=+5", -1}, {"CONTENT_LENGTH=99999999999999999999", -1},
};

static void lengths_are_digits(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof LENGTHS / sizeof LENGTHS[0]; i++) {
        read_variables((char *[]){V(LENGTHS[i].text), NULL});
        assert_true(r.content_length == LENGTHS[i].length);
    }
}

typedef struct chunks {
    const char *text;
    size_t at, step;
} chunks;

static long read_chunk(void *source, char *out, size_t cap) {
    chunks *c = source;
    size_t left = strlen(c->text) - c->at, some = left < c->step ? left : c->step;
    if (some > cap) some = cap;
    memcpy(out, c->text + c->at, some);
    c->at += some;
    return (long)some;
}

static void bodies_are_read_whole(void **state) {
    (void)state;
    for (size_t step = 1; step < 20; step++) {
        chunks c = {"{\"a\":\"b\"}", 0, step};
        read_variables((char *[]){V("CONTENT_LENGTH=9"), NULL});
        assert_true(request_read_json(&r, read_chunk, &c, 1000));
        assert_string_equal(json_need_text(&r.in, "a", ANY), "b");
        request_end(&r);
    }
}

typedef struct body_row {
    const char *length, *body;
} body_row;

static const body_row BAD_BODIES[] = {
    {"CONTENT_LENGTH=10", "{\"a\":\"b\"}"},
    {"CONTENT_LENGTH=8", "{\"a\":\"b\"}"},
    {"CONTENT_LENGTH=", "{}"},
    {"CONTENT_LENGTH=2", "[]"},
    {"CONTENT_LENGTH=4", "null"},
    {"CONTENT_LENGTH=-1", "{}"},
    {"CONTENT_LENGTH=1001", "{}"},
};

static void bad_bodies_are_malformed_or_invalid(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof BAD_BODIES / sizeof BAD_BODIES[0]; i++) {
        chunks c = {BAD_BODIES[i].body, 0, 100};
        read_variables((char *[]){V(BAD_BODIES[i].length), NULL});
        assert_false(request_read_json(&r, read_chunk, &c, 1000));
        assert_int_equal(error_info(r.why.code)->status, 400);
        request_end(&r);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(paths_are_decoded_strictly), TEST(queries_are_decoded_strictly),
        TEST(long_queries_are_bounded),   TEST(query_values_have_types),
        TEST(headers_are_taken),          TEST(lengths_are_digits),
        TEST(bodies_are_read_whole),      TEST(bad_bodies_are_malformed_or_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
