// SPDX-License-Identifier: Apache-2.0
// Log: one event is one line, whatever it holds.
#include "lib/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <unistd.h>

static char written[8192];

// What `what` writes to stderr.
static void capture(void (*what)(void)) {
    int pipes[2], before = dup(STDERR_FILENO);
    assert_int_equal(pipe(pipes), 0);
    fflush(stderr);
    dup2(pipes[1], STDERR_FILENO);
    what();
    dup2(before, STDERR_FILENO);
    close(before);
    close(pipes[1]);
    ssize_t got = read(pipes[0], written, sizeof written - 1);
    written[got < 0 ? 0 : got] = '\0';
    close(pipes[0]);
}

static size_t session_prefix(const log_object *self, char *out, size_t cap) {
    (void)self;
    return (size_t)snprintf(out, cap, "session=7\naccount=8");
}

static const log_object session = {session_prefix};

static void plain(void) {
    log_info(NULL, "started %d", 5);
}
static void hostile(void) {
    log_error(&session, "a\nb\x1b[31m\xff\x80 ä€😀 \xe2\x80\xae%s", "end");
}
static void quiet(void) {
    log_debug(NULL, "not shown");
}
static void endless(void) {
    static char text[10000];
    memset(text, '\n', sizeof text - 1);
    log_warn(&session, "%s", text);
}

static const char *behind_time(void) { // "2026-11-24T02:10:07.123Z "
    assert_int_equal(written[4], '-');
    assert_int_equal(written[10], 'T');
    assert_int_equal(written[23], 'Z');
    return written + 25;
}

static void a_line_has_its_parts(void **state) {
    (void)state;
    char expected[100];
    log_setup("unit", LEVEL_INFO);
    capture(plain);
    snprintf(expected, sizeof expected, "info  unit[%d] started 5\n", (int)getpid());
    assert_string_equal(behind_time(), expected);
    capture(quiet);
    assert_string_equal(written, "");
}

static void hostile_bytes_are_escaped(void **state) {
    (void)state;
    char expected[200];
    capture(hostile);
    snprintf(expected, sizeof expected,
             "error unit[%d] session=7\\x0aaccount=8 a\\x0ab\\x1b[31m\\xff\\x80 ä€😀 \\xe2\\x80\\xaeend\n",
             (int)getpid());
    assert_string_equal(behind_time(), expected);
}

static void long_events_are_cut(void **state) {
    (void)state;
    capture(endless);
    size_t len = strlen(written);
    assert_true(len <= 2002);
    assert_ptr_equal(strchr(written, '\n'), written + len - 1);
}

static void off_is_silent(void **state) {
    (void)state;
    log_setup("unit", LEVEL_OFF);
    assert_false(log_wants(LEVEL_ERROR));
    assert_false(log_wants(LEVEL_OFF));
    capture(hostile);
    assert_string_equal(written, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_has_its_parts),
        cmocka_unit_test(hostile_bytes_are_escaped),
        cmocka_unit_test(long_events_are_cut),
        cmocka_unit_test(off_is_silent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
