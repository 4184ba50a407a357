// SPDX-License-Identifier: Apache-2.0
// Router: matching, and every refusal in the order of the contract.
#include "web/router.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "web/response.h"
#include "web/web.h"

#define TOKEN "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define V(text) ((char *)(uintptr_t)(text))

static config cfg;
static arena *memory;
static request r;
static const char *called;

static void get_list(request *q) {
    called = "list";
    answer_json(q, 200, "[]", 2);
}
static void post_list(request *q) {
    called = "create";
    json_need_text(&q->in, "title", (text_rule){1, 5, TEXT_NAME});
    if (json_ok(&q->in))
        answer_json(q, 201, "{}", 2);
    else
        answer_problem(q, &q->why);
}
static void get_member(request *q) {
    called = "member";
    assert_int_equal(path_id(q, "id"), 7);
    assert_int_equal(path_id(q, "account"), 8);
    assert_int_equal(path_id(q, "other"), 0);
    answer_empty(q);
}
static void anyone(request *q) {
    called = "anyone";
    answer_json(q, 200, "{}", 2);
}
static void silent(request *q) {
    (void)q;
}

static const route ROWS[] = {
    {METHOD_GET, "/api/groups", ACCESS_SESSION, BODY_NONE, 0, RATE_NONE, SITE_ANY, get_list},
    {METHOD_POST, "/api/groups", ACCESS_SESSION, BODY_JSON, 0, RATE_NONE, SITE_SAME, post_list},
    {METHOD_GET, "/api/groups/{id}/members/{account}", ACCESS_SESSION, BODY_NONE, 0, RATE_NONE, SITE_ANY,
     get_member},
    {METHOD_POST, "/api/open", ACCESS_ANYONE, BODY_JSON, 50, RATE_NONE, SITE_SAME, anyone},
    {METHOD_GET, "/api/often", ACCESS_ANYONE, BODY_NONE, 0, RATE_COMMAND, SITE_ANY, anyone},
    {METHOD_GET, "/api/silent", ACCESS_ANYONE, BODY_NONE, 0, RATE_NONE, SITE_ANY, silent},
};
static const route_table TABLE = {ROWS, sizeof ROWS / sizeof ROWS[0]};

static int begin(void **state) {
    (void)state;
    FILE *sink = fopen("/dev/null", "w");
    token_setup();
    log_setup("unit", LEVEL_OFF);
    // Nobody is there: what needs the database is 503, which shows that it was asked.
    assert_true(
        config_load(&cfg, NULL, (char *[]){V("PARLEY_DATABASE=host=/nonexistent dbname=x"), NULL}, sink));
    fclose(sink);
    memory = arena_create();
    return 0;
}

static int end(void **state) {
    (void)state;
    arena_destroy(memory);
    return 0;
}

static long read_text(void *source, char *out, size_t cap) {
    const char **text = source;
    size_t len = strlen(*text) < cap ? strlen(*text) : cap;
    memcpy(out, *text, len);
    *text += len;
    return (long)len;
}

typedef struct asked {
    const char *method, *uri, *type, *body, *cookie, *origin;
    int64_t length; // -1 = that of body
} asked;

// Dispatches; returns the status.
static int ask(const asked *a) {
    char lines[7][300];
    char *variables[8];
    size_t length = a->length >= 0 ? (size_t)a->length : a->body == NULL ? 0 : strlen(a->body);
    const char *body = a->body == NULL ? "" : a->body;
    const char *const names[] = {"REQUEST_METHOD", "REQUEST_URI", "CONTENT_TYPE", "HTTP_COOKIE",
                                 "HTTP_ORIGIN"};
    const char *const values[] = {a->method, a->uri, a->type, a->cookie, a->origin};
    size_t n = 0;
    for (size_t i = 0; i < 5; i++) {
        if (values[i] == NULL) continue;
        snprintf(lines[n], sizeof lines[n], "%s=%s", names[i], values[i]);
        variables[n] = lines[n];
        n++;
    }
    snprintf(lines[n], sizeof lines[n], "CONTENT_LENGTH=%zu", length);
    variables[n] = lines[n];
    variables[n + 1] = V("HTTP_HOST=h");
    variables[n + 2] = NULL;
    called = NULL;
    db *database = db_create(&cfg, "unit", NULL, 0);
    request_read(&r, &cfg, database, memory, variables);
    router_dispatch(&TABLE, &r, read_text, &body);
    int status = r.answer.status;
    request_end(&r);
    db_destroy(database);
    return status;
}

#define JSON "application/json"
#define COOKIE "parley_session=" TOKEN
#define EVIL "http://evil.org"
#define BIG ((int64_t)1 << 40)

typedef struct row {
    asked asked;
    int status;
    const char *called;
} row;

// Each of the first rows has everything wrong from its own trouble on: the first in the contract's order is told.
static const row ORDER[] = {
    {{"PUT", "/api/nothing", "text/x", "{", "parley_session=x", EVIL, BIG}, 404, NULL},
    {{"PUT", "/api/groups", "text/x", "{", "parley_session=x", EVIL, BIG}, 405, NULL},
    {{"POST", "/api/groups?%", "text/x", "{", "parley_session=x", EVIL, BIG}, 413, NULL},
    {{"POST", "/api/groups?%", "text/x", "{", "parley_session=x", EVIL, -1}, 403, NULL},
    {{"POST", "/api/groups?%", "text/x", "{", "parley_session=x", NULL, -1}, 401, NULL},
    {{"POST", "/api/groups?%", "text/x", "{", NULL, EVIL, -1}, 401, NULL},
    {{"POST", "/api/groups?%", "text/x", "{", COOKIE, NULL, -1}, 503, NULL}, // 415, held back: who is it?
    {{"POST", "/api/groups", JSON, "{", COOKIE, NULL, -1}, 503, NULL},       // 400, likewise
    {{"POST", "/api/groups", JSON, "{\"title\":1}", COOKIE, NULL, -1},
     503,
     "create"}, // 400 by the handler, likewise
    {{"GET", "/api/groups?%", NULL, NULL, COOKIE, NULL, -1}, 503, NULL},
    {{"POST", "/api/open?%", "text/x", "{", NULL, EVIL, -1}, 415, NULL},
    {{"POST", "/api/open?%", JSON, "{", NULL, EVIL, -1}, 400, NULL},
    {{"POST", "/api/open", JSON, "{}", "parley_session=x", EVIL, -1}, 403, NULL},
    // and what is right
    {{"POST", "/api/open", JSON, "{}", "parley_session=x", "http://h", -1}, 200, "anyone"},
    {{"POST", "/api/open", JSON, "{}", NULL, EVIL, -1}, 200, "anyone"},
    {{"POST", "/api/groups", JSON, "{\"title\":\"x\"}", COOKIE, "http://h", -1}, 201, "create"},
    {{"GET", "/api/groups", NULL, NULL, COOKIE, EVIL, -1}, 200, "list"},
    {{"HEAD", "/api/groups", NULL, NULL, COOKIE, NULL, -1}, 200, "list"},
    {{"GET", "/api/silent", NULL, NULL, NULL, NULL, -1}, 500, NULL},
    // a route's own limit
    {{"POST", "/api/open", JSON, "{}", NULL, NULL, 51}, 413, NULL},
    {{"POST", "/api/open", JSON, "{}", NULL, NULL, 50}, 400, NULL},
    {{"POST", "/api/groups", JSON, "{}", COOKIE, NULL, 262145}, 413, NULL},
};

static void answers_come_in_the_order_of_the_contract(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ORDER / sizeof ORDER[0]; i++) {
        int status = ask(&ORDER[i].asked);
        if (status != ORDER[i].status) fail_msg("row %zu: %d", i, status);
        if (ORDER[i].called == NULL)
            assert_null(called);
        else
            assert_string_equal(called, ORDER[i].called);
    }
}

static const row MATCHES[] = {
    {{"GET", "/api/groups/7/members/8", NULL, NULL, COOKIE, NULL, -1}, 204, "member"},
    {{"GET", "/api/groups/%37/members/8", NULL, NULL, COOKIE, NULL, -1}, 204, "member"},
    {{"GET", "/api/groups/x/members/8", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/groups/07/members/8", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/groups/-7/members/8", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/groups/9223372036854775808/members/8", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/groups/7/members/8/", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/groups/7//members/8", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/groups/7/members", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/groups/7%2Fmembers/8", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/groups/", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/API/groups", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/./groups", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/x/../groups", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/api/groups%00", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "//api/groups", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "/", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"GET", "", NULL, NULL, COOKIE, NULL, -1}, 404, NULL},
    {{"OPTIONS", "/api/groups", NULL, NULL, COOKIE, NULL, -1}, 405, NULL},
    {{"get", "/api/groups", NULL, NULL, COOKIE, NULL, -1}, 405, NULL},
};

static void paths_match_exactly(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof MATCHES / sizeof MATCHES[0]; i++) {
        int status = ask(&MATCHES[i].asked);
        if (status != MATCHES[i].status) fail_msg("%s: %d", MATCHES[i].asked.uri, status);
    }
    const asked a = {"DELETE", "/api/groups", NULL, NULL, NULL, NULL, -1};
    assert_int_equal(ask(&a), 405);
    assert_string_equal(r.answer.headers[0], "Allow: GET, HEAD, POST");
}

typedef struct type_row {
    const char *type;
    int status;
} type_row;

static const type_row TYPES[] = {
    {"application/json", 200},
    {"Application/JSON", 200},
    {"application/json; charset=utf-8", 200},
    {"application/json;charset=UTF-8", 200},
    {"application/json ; charset=\"utf-8\"", 200},
    {"application/json; x=y", 200},
    {"application/json; charset=latin1", 415},
    {"application/jsonx", 415},
    {"application/json-patch+json", 415},
    {"text/json", 415},
    {"text/plain", 415},
    {"application/x-www-form-urlencoded", 415},
    {"", 415},
    {NULL, 415},
};

static void only_json_is_taken(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        const asked a = {"POST", "/api/open", TYPES[i].type, "{}", NULL, NULL, -1};
        if (ask(&a) != TYPES[i].status) fail_msg("%s", TYPES[i].type == NULL ? "-" : TYPES[i].type);
    }
}

static void a_flood_gets_429_with_a_time(void **state) {
    (void)state;
    const asked a = {"GET", "/api/often", NULL, NULL, NULL, NULL, -1};
    const asked other = {"GET", "/api/often", NULL, NULL, COOKIE, NULL, -1};
    int good = 0, status = 200;
    for (; good < 2000 && (status = ask(&a)) == 200; good++)
        continue;
    assert_int_equal(status, 429);
    assert_true(good >= 200);
    assert_int_equal(r.why.retry_after, 1);
    assert_string_equal(r.answer.headers[0], "Retry-After: 1");
    assert_int_equal(ask(&other), 200);
}

static bool check(route *rows, size_t count, const char *trouble) {
    char why[200] = "";
    const route_table table = {rows, count};
    bool good = router_check(&table, why, sizeof why);
    return trouble == NULL ? good : !good && strstr(why, trouble) != NULL;
}

static void bad_tables_are_found(void **state) {
    (void)state;
    char why[200];
    assert_true(router_check(&TABLE, why, sizeof why));
    route rows[2] = {ROWS[0], ROWS[1]};
    rows[1].site = SITE_ANY;
    assert_true(check(rows, 2, "any site"));
    rows[1] = ROWS[0];
    assert_true(check(rows, 2, "twice"));
    rows[0].handler = NULL;
    assert_true(check(rows, 1, "no handler"));
    static const char *const patterns[] = {"",    "api",    "/api/",  "/a//b",
                                           "/{}", "/a{id}", "/{id}x", "/1/2/3/4/5/6/7/8/9/10/11/12/13"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        rows[0] = ROWS[0];
        rows[0].pattern = patterns[i];
        assert_true(check(rows, 1, "bad method or pattern"));
    }
    rows[0] = ROWS[0];
    rows[0].body = BODY_JSON;
    assert_true(check(rows, 1, "GET with a body"));
}

static void the_table_prints_as_text(void **state) {
    (void)state;
    char text[2000] = "";
    FILE *out = fmemopen(text, sizeof text, "w");
    router_print(&TABLE, out);
    fclose(out);
    static const char first[] =
        "GET    /api/groups                                      session body=none rate=none site=any\n";
    assert_memory_equal(text, first, sizeof first - 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(answers_come_in_the_order_of_the_contract),
        TEST(paths_match_exactly),
        TEST(only_json_is_taken),
        TEST(a_flood_gets_429_with_a_time),
        TEST(bad_tables_are_found),
        TEST(the_table_prints_as_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
