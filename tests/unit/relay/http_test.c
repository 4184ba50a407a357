// SPDX-License-Identifier: Apache-2.0
// Answers and events as they go onto the wire.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "relay/event.h"
#include "relay/http.h"

static void json_answer(void **state) {
    (void)state;
    buf out;
    buf_init(&out, BUF_NO_LIMIT);
    http_json(&out, "{}", 2, true);
    assert_string_equal(out.data + HTTP_ROOM, "HTTP/1.1 200 OK\r\n"
                                              "Content-Type: application/json\r\n"
                                              "Content-Length: 2\r\n"
                                              "Cache-Control: no-store\r\n"
                                              "X-Content-Type-Options: nosniff\r\n"
                                              "\r\n{}");
    buf_free(&out);
}

static void problem_answer(void **state) {
    (void)state;
    buf out;
    problem p;
    buf_init(&out, BUF_NO_LIMIT);
    problem_set(&p, ERROR_UNAVAILABLE, "soon");
    size_t body = http_problem(&out, &p, "X-More: yes\r\n", false);
    const char *text = out.data + HTTP_ROOM;
    assert_ptr_equal(strstr(text, "HTTP/1.1 503 Service Unavailable\r\n"), text);
    assert_non_null(strstr(text, "Content-Type: application/problem+json\r\n"));
    assert_non_null(strstr(text, "Connection: close\r\n"));
    assert_non_null(strstr(text, "Retry-After: 2\r\n"));
    assert_non_null(strstr(text, "X-More: yes\r\n\r\n{\"type\":\"urn:parley:unavailable\""));
    assert_int_equal(strlen(strstr(text, "\r\n\r\n") + 4), body);
    buf_free(&out);
}

static void every_error_has_a_reason(void **state) {
    (void)state;
    for (int code = 1; code < ERROR_COUNT; code++) {
        buf out;
        problem p;
        buf_init(&out, BUF_NO_LIMIT);
        problem_set(&p, (enum error)code, NULL);
        http_problem(&out, &p, "", true);
        assert_memory_not_equal(out.data + HTTP_ROOM + sizeof "HTTP/1.1 400", "Error\r\n", 7);
        buf_free(&out);
    }
}

static void an_event_is_ready_as_a_frame(void **state) {
    (void)state;
    struct event *e = event_printf("{\"type\":\"%s\"}", "ready");
    assert_int_equal(e->len, 16);
    assert_memory_equal(event_text(e), "{\"type\":\"ready\"}", e->len);
    assert_string_equal(e->frame, "[{\"type\":\"ready\"}]");
    assert_ptr_equal(event_ref(e), e);
    event_unref(e);
    event_unref(e);
    event_unref(NULL);
}

static void a_long_event_is_whole(void **state) {
    (void)state;
    char body[3000];
    memset(body, 'x', sizeof body - 1);
    body[sizeof body - 1] = '\0';
    struct event *e = event_printf("\"%s\"", body);
    assert_int_equal(e->len, sizeof body + 1);
    assert_int_equal(strlen(e->frame), sizeof body + 3);
    assert_int_equal(e->frame[0], '[');
    assert_string_equal(e->frame + e->len - 1, "x\"]");
    event_unref(e);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_answer),
        cmocka_unit_test(problem_answer),
        cmocka_unit_test(every_error_has_a_reason),
        cmocka_unit_test(an_event_is_ready_as_a_frame),
        cmocka_unit_test(a_long_event_is_whole),
    };
    return cmocka_run_group_tests_name("http", tests, NULL, NULL);
}
