// SPDX-License-Identifier: Apache-2.0
// Answers as CGI text.
#include "web/response.h"

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

static config cfg = {.public_url = "", .json_depth = 16};
static arena *memory;
static request r;
static buf out;

static int begin(void **state) {
    (void)state;
    char *variables[] = {(char *)(uintptr_t) "REQUEST_METHOD=GET",
                         (char *)(uintptr_t) "REQUEST_ID=0123456789abcdef", NULL};
    token_setup();
    log_setup("unit", LEVEL_OFF);
    cfg.public_url = "";
    memory = arena_create();
    request_read(&r, &cfg, NULL, memory, variables);
    buf_init(&out, BUF_NO_LIMIT);
    return 0;
}

static int end(void **state) {
    (void)state;
    request_end(&r);
    buf_free(&out);
    arena_destroy(memory);
    return 0;
}

static const char *text(void) {
    buf_reset(&out);
    answer_write(&r, &out);
    return out.data;
}

#define FIXED                                                                                  \
    "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"                           \
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\nReferrer-Policy: " \
    "no-referrer\r\n"                                                                          \
    "Cross-Origin-Resource-Policy: same-origin\r\nX-Request-Id: 0123456789abcdef\r\n"

static void documents_have_their_headers(void **state) {
    (void)state;
    answer_json(&r, 201, "{\"a\":1}", 7);
    assert_string_equal(text(),
                        "Status: 201 Created\r\nContent-Type: application/json\r\nContent-Length: 7\r\n" FIXED
                        "\r\n{\"a\":1}");
    r.head = true;
    assert_string_equal(text(),
                        "Status: 201 Created\r\nContent-Type: application/json\r\nContent-Length: 7\r\n" FIXED
                        "\r\n");
}

static void nothing_is_204(void **state) {
    (void)state;
    answer_empty(&r);
    assert_string_equal(text(), "Status: 204 No Content\r\n" FIXED "\r\n");
}

static void problems_say_when_to_come_again(void **state) {
    (void)state;
    answer_header(&r, "X-Other", "of a good answer");
    answer_error(&r, ERROR_UNAVAILABLE, NULL);
    assert_non_null(
        strstr(text(), "Status: 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"));
    assert_non_null(strstr(text(), "\r\nRetry-After: 2\r\n"));
    assert_null(strstr(text(), "X-Other"));
    answer_error(&r, ERROR_UNAUTHENTICATED, "Log in.");
    assert_non_null(strstr(text(), "\r\nWWW-Authenticate: Bearer\r\n"));
    assert_null(strstr(text(), "Retry-After"));
    assert_non_null(strstr(text(), "\"detail\":\"Log in.\"}"));
}

static void every_status_of_the_table_has_a_reason(void **state) {
    (void)state;
    for (int i = 1; i < ERROR_COUNT; i++) {
        answer_error(&r, (enum error)i, NULL);
        assert_null(strstr(text(), " Status\r\n"));
    }
}

static void cookies_are_shut_away(void **state) {
    (void)state;
    answer_json(&r, 200, "{}", 2);
    answer_set_cookie(&r, "TOKEN", 86400);
    assert_non_null(strstr(
        text(), "\r\nSet-Cookie: parley_session=TOKEN; Path=/; Max-Age=86400; HttpOnly; SameSite=Lax\r\n"));
    cfg.public_url = "https://chat.example.org";
    answer_end_cookie(&r);
    assert_non_null(strstr(
        text(), "\r\nSet-Cookie: parley_session=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure\r\n"));
}

static void no_header_is_injected(void **state) {
    (void)state;
    static const char *const values[] = {"a\r\nX-Evil: 1", "a\nb", "a\rb", "a\x01", "a\xff"};
    answer_json(&r, 200, "{}", 2);
    for (size_t i = 0; i < 5; i++)
        answer_header(&r, "X-Test", values[i]);
    assert_null(strstr(text(), "X-Test"));
    for (int i = 0; i < 50; i++)
        answer_header(&r, "X-Many", "1");
    assert_int_equal(r.answer.headers_count, ANSWER_HEADERS_MAX);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(documents_have_their_headers),    TEST(nothing_is_204),
        TEST(problems_say_when_to_come_again), TEST(every_status_of_the_table_has_a_reason),
        TEST(cookies_are_shut_away),           TEST(no_header_is_injected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
