// SPDX-License-Identifier: Apache-2.0
// Lists of places, and arrays of the database in text form.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "relay/places.h"
#include "relay/row.h"

static const char *text_of(const struct place_list *l) {
    static char text[256];
    text[0] = '\0';
    for (size_t i = 0; i < l->count; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%d:%d ", (int)l->items[i].conversation,
                 (int)l->items[i].mod);
    }
    return text;
}

static void put_keeps_order_and_replaces(void **state) {
    (void)state;
    struct place_list l = {0};
    places_put(&l, 5, 1);
    places_put(&l, 3, 2);
    places_put(&l, 9, 3);
    places_put(&l, 5, 4);
    assert_string_equal(text_of(&l), "3:2 5:4 9:3 ");
    assert_int_equal(places_find(&l, 9)->mod, 3);
    assert_null(places_find(&l, 4));
    assert_null(places_find(&l, 10));
    places_remove(&l, 5);
    places_remove(&l, 6);
    assert_string_equal(text_of(&l), "3:2 9:3 ");
    places_shift(&l, 0);
    places_shift(&l, 1);
    assert_string_equal(text_of(&l), "9:3 ");
    places_clear(&l);
    assert_null(places_find(&l, 9));
}

static void sort_keeps_the_lowest_mod_of_each(void **state) {
    (void)state;
    struct place_list l = {0};
    places_sort(&l);
    for (int i = 40; i > 0; i--)
        places_add(&l, i % 4 + 1, i);
    places_sort(&l);
    assert_string_equal(text_of(&l), "1:4 2:1 3:2 4:3 ");
    places_clear(&l);
}

static void arrays_are_counted_and_read(void **state) {
    (void)state;
    int64_t ids[3] = {0};
    assert_int_equal(ids_of_array(NULL, ids, 3), 0);
    assert_int_equal(ids_of_array("{}", ids, 3), 0);
    assert_int_equal(ids_of_array("{7}", ids, 3), 1);
    assert_int_equal(ids[0], 7);
    assert_int_equal(ids_of_array("{1,9223372036854775807,3,4}", ids, 3), 4);
    assert_true(ids[1] == INT64_MAX);
    assert_int_equal(ids[2], 3);
    assert_int_equal(ids_of_array("{1,2}", NULL, 0), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(put_keeps_order_and_replaces),
        cmocka_unit_test(sort_keeps_the_lowest_mod_of_each),
        cmocka_unit_test(arrays_are_counted_and_read),
    };
    return cmocka_run_group_tests_name("places", tests, NULL, NULL);
}
