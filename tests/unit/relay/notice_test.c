// SPDX-License-Identifier: Apache-2.0
// Notification lines: what is taken, and what is refused without harm to the lines around it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "relay/notice.h"

#define REF "0189dd3c-9a3c-7c1e-8f2b-1a2b3c4d5e6f"

static struct notice only(const char *line) {
    struct notice n;
    const char *at = line;
    const char *end = line + strlen(line);
    assert_true(notice_next(&at, end, &n));
    assert_ptr_equal(at, end);
    assert_false(notice_next(&at, end, &n));
    at = line;
    notice_next(&at, end, &n);
    return n;
}

static void a_message_carries_its_event(void **state) {
    (void)state;
    struct notice n = only("m 12 34 56 " REF " {\"body\":\"a b\\n\"}\n");
    assert_int_equal(n.kind, NOTICE_MESSAGE);
    assert_int_equal(n.conversation, 12);
    assert_int_equal(n.mod, 34);
    assert_int_equal(n.sender, 56);
    assert_string_equal(n.ref, REF);
    assert_int_equal(n.len, strlen("{\"body\":\"a b\\n\"}"));
    assert_memory_equal(n.text, "{\"body\":\"a b\\n\"}", n.len);
    n = only("m 12 34 56 - {}");
    assert_int_equal(n.kind, NOTICE_MESSAGE);
    assert_string_equal(n.ref, "");
}

static void the_other_lines(void **state) {
    (void)state;
    struct notice n = only("c 12 34\n");
    assert_int_equal(n.kind, NOTICE_CONVERSATION);
    assert_int_equal(n.mod, 34);
    n = only("a 12 34");
    assert_int_equal(n.kind, NOTICE_ACCOUNT);
    assert_int_equal(n.account, 12);
    n = only("r 1 2 0 9 1");
    assert_int_equal(n.kind, NOTICE_RECEIPT);
    assert_int_equal(n.read, 0);
    assert_int_equal(n.received, 9);
    assert_true(n.small);
    n = only("t 1 2 0");
    assert_int_equal(n.kind, NOTICE_TYPING);
    assert_false(n.on);
    assert_int_equal(only("p 7").account, 7);
    assert_int_equal(only("s 9223372036854775807").session, INT64_MAX);
    assert_int_equal(only("e\n").kind, NOTICE_EPOCH);
    n = only("b relay-a\n");
    assert_int_equal(n.kind, NOTICE_BEAT);
    assert_int_equal(n.beat_len, 7);
    assert_memory_equal(n.beat, "relay-a", 7);
}

static void what_is_malformed_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "\n",
        " ",
        "x 1 2",
        "c",
        "c 1",
        "c 1 2 3",
        "c 1 2 ",
        "c  1 2",
        "c 0 2",
        "c 1 0",
        "c -1 2",
        "c 1 2x",
        "c 1 9223372036854775808",
        "cc 1 2",
        "e 1",
        "t 1 2 2",
        "r 1 2 3 4 5",
        "m 1 2 3 - ",
        "m 1 2 3 -",
        "m 1 2 3 - []",
        "m 1 2 3 {}",
        "m 1 2 3 no {}",
        "m 1 2 3 - {",
        "b ",
        "b",
        "s 1 2",
        "p",
        "\xff 1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(only(bad[i]).kind, NOTICE_BAD);
}

static void a_bad_line_does_not_hide_the_next(void **state) {
    (void)state;
    const char *text = "c 1 2\nnonsense\na 3 4\n\np 5";
    const char *at = text;
    const char *end = text + strlen(text);
    const enum notice_kind kinds[] = {NOTICE_CONVERSATION, NOTICE_BAD, NOTICE_ACCOUNT, NOTICE_BAD,
                                      NOTICE_PRESENCE};
    struct notice n;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_true(notice_next(&at, end, &n));
        assert_int_equal(n.kind, kinds[i]);
    }
    assert_false(notice_next(&at, end, &n));
}

// Any prefix of good lines, from memory that ends with it: nothing is read behind the end.
static void nothing_is_read_behind_the_end(void **state) {
    (void)state;
    static const char *const good[] = {"m 12 34 56 " REF " {\"a\":1}", "r 1 2 3 4 1", "t 1 2 1", "b relay",
                                       "c 1 2"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        for (size_t len = 0; len <= strlen(good[i]); len++) {
            char *copy = malloc(len + !len);
            memcpy(copy, good[i], len);
            const char *at = copy;
            struct notice n;
            while (notice_next(&at, copy + len, &n))
                assert_true(at <= copy + len);
            free(copy);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_carries_its_event),    cmocka_unit_test(the_other_lines),
        cmocka_unit_test(what_is_malformed_is_refused),   cmocka_unit_test(a_bad_line_does_not_hide_the_next),
        cmocka_unit_test(nothing_is_read_behind_the_end),
    };
    return cmocka_run_group_tests_name("notice", tests, NULL, NULL);
}
