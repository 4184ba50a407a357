// SPDX-License-Identifier: Apache-2.0
// Rates and token buckets.
#include "lib/rate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct row {
    const char *text;
    bool good;
    int count, seconds;
} row;

static const row ROWS[] = {
    {"10/300", true, 10, 300}, {"off", true, 0, 0},
    {"1/1", true, 1, 1},       {"1000000/86400", true, 1000000, 86400},
    {"", false, 0, 0},         {"10", false, 0, 0},
    {"/", false, 0, 0},        {"10/", false, 0, 0},
    {"/10", false, 0, 0},      {"0/10", false, 0, 0},
    {"10/0", false, 0, 0},     {"-1/10", false, 0, 0},
    {"10 / 300", false, 0, 0}, {"10/300/2", false, 0, 0},
    {"OFF", false, 0, 0},      {"1000001/1", false, 0, 0},
    {"1/86401", false, 0, 0},  {"10/5m", false, 0, 0},
};

static void rates_are_parsed(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        rate r;
        if (rate_parse(ROWS[i].text, &r) != ROWS[i].good) fail_msg("%s", ROWS[i].text);
        assert_int_equal(r.count, ROWS[i].count);
        assert_int_equal(r.seconds, ROWS[i].seconds);
    }
}

static void a_bucket_gives_its_burst_then_its_rate(void **state) {
    (void)state;
    bucket b = {0};
    rate r = {50, 1};
    int64_t now = 1000, retry;
    for (int i = 0; i < 200; i++)
        assert_true(bucket_take(&b, &r, 200, now, &retry));
    assert_false(bucket_take(&b, &r, 200, now, &retry));
    assert_in_range(retry, 20, 22);
    assert_true(bucket_take(&b, &r, 200, now + retry, &retry));
    assert_false(bucket_take(&b, &r, 200, now + 22, NULL));
    int taken = 0;
    for (int64_t ms = 0; ms < 10000; ms++)
        taken += bucket_take(&b, &r, 200, now + 22 + ms, NULL);
    assert_in_range(taken, 499, 501);
    now += 1000000;
    for (int i = 0; i < 200; i++)
        assert_true(bucket_take(&b, &r, 200, now, NULL));
    assert_false(bucket_take(&b, &r, 200, now, NULL));
}

static void off_never_refuses_and_time_may_stand(void **state) {
    (void)state;
    bucket b = {0};
    rate off = {0, 0}, slow = {2, 3600};
    for (int i = 0; i < 1000; i++)
        assert_true(bucket_take(&b, &off, 1, 5, NULL));
    b = (bucket){0};
    assert_true(bucket_take(&b, &slow, 0, 100, NULL));
    assert_true(bucket_take(&b, &slow, 0, 90, NULL)); // back: counts as standing
    int64_t retry;
    assert_false(bucket_take(&b, &slow, 0, 100, &retry));
    assert_in_range(retry, 1799000, 1801000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rates_are_parsed),
        cmocka_unit_test(a_bucket_gives_its_burst_then_its_rate),
        cmocka_unit_test(off_never_refuses_and_time_may_stand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
