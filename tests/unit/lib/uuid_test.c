// SPDX-License-Identifier: Apache-2.0
// UUID texts, and the clocks beside them.
#include "lib/uuid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/clock.h"

static const char *const BAD[] = {
    "",
    "123e4567-e89b-12d3-a456-42661417400",
    "123e4567-e89b-12d3-a456-4266141740000",
    "123e4567e89b-12d3-a456-4266141740000",
    "{123e4567-e89b-12d3-a456-42661417400",
    "123e4567-e89b-12d3-a456-42661417400g",
    "123e4567-e89b-12d3-a456_426614174000",
    "urn:uuid:123e4567-e89b-12d3-a456-4266",
};

static void one_form_is_a_uuid(void **state) {
    (void)state;
    assert_true(uuid_valid("123e4567-e89b-12d3-a456-426614174000", 36));
    assert_true(uuid_valid("123E4567-E89B-12D3-A456-426614174FFF", 36));
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
        assert_false(uuid_valid(BAD[i], strlen(BAD[i])));
}

static void clocks_go_on(void **state) {
    (void)state;
    char text[CLOCK_TEXT];
    int64_t from = clock_ms(), boot = clock_boot_ms();
    clock_sleep_ms(20);
    assert_in_range(clock_ms() - from, 19, 5000);
    assert_in_range(clock_boot_ms() - boot, 19, 5000);
    assert_true(clock_us() / 1000 >= from);
    clock_format(0, text);
    assert_string_equal(text, "1970-01-01T00:00:00.000Z");
    clock_format(1795486207123, text);
    assert_string_equal(text, "2026-11-24T02:10:07.123Z");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_form_is_a_uuid),
        cmocka_unit_test(clocks_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
