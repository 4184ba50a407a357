// SPDX-License-Identifier: Apache-2.0
// The map of ids against a plain array, through growth, collisions and removals in the middle of a run.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "relay/idmap.h"

#define IDS 700
#define STEPS 200000

static void an_empty_map_has_nothing(void **state) {
    (void)state;
    struct idmap m = {0};
    size_t at = 0;
    assert_null(idmap_get(&m, 7));
    assert_null(idmap_remove(&m, 7));
    assert_null(idmap_next(&m, &at, NULL));
    idmap_clear(&m);
}

static void put_replaces(void **state) {
    (void)state;
    struct idmap m = {0};
    int one, two;
    idmap_put(&m, 5, &one);
    idmap_put(&m, 5, &two);
    assert_int_equal(m.count, 1);
    assert_ptr_equal(idmap_get(&m, 5), &two);
    assert_ptr_equal(idmap_remove(&m, 5), &two);
    assert_null(m.slots); // nothing is kept for nothing
}

static void check_against(const struct idmap *m, char *const *held) {
    size_t at = 0, count = 0;
    int64_t id;
    for (void *value; (value = idmap_next(m, &at, &id)); count++)
        assert_ptr_equal(value, held[id - 1]);
    assert_int_equal(count, m->count);
    for (int i = 0; i < IDS; i++)
        assert_ptr_equal(idmap_get(m, i + 1), held[i]);
}

static void it_agrees_with_an_array(void **state) {
    (void)state;
    static char things[IDS];
    char *held[IDS] = {0};
    struct idmap m = {0};
    srandom(20);
    for (int step = 0; step < STEPS; step++) {
        // The share of removals swings, so that the map grows and shrinks again and again.
        int i = (int)(random() % IDS);
        bool put = random() % 100 < (step / 5000 % 2 ? 20 : 80);
        if (put) {
            idmap_put(&m, i + 1, held[i] = &things[i]);
        } else {
            assert_ptr_equal(idmap_remove(&m, i + 1), held[i]);
            held[i] = NULL;
        }
        if (step % 997 == 0) check_against(&m, held);
    }
    check_against(&m, held);
    idmap_clear(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_map_has_nothing),
        cmocka_unit_test(put_replaces),
        cmocka_unit_test(it_agrees_with_an_array),
    };
    return cmocka_run_group_tests_name("idmap", tests, NULL, NULL);
}
