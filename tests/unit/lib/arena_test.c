// SPDX-License-Identifier: Apache-2.0
// Arena: alignment, zeroed blocks, growth, reset.
#include "lib/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static bool all_zero(const char *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i] != 0) return false;
    return true;
}

static void blocks_are_aligned_zeroed_and_apart(void **state) {
    (void)state;
    arena *a = arena_create();
    char *before = NULL;
    for (size_t size = 0; size < 300; size++) {
        char *block = arena_alloc(a, size);
        assert_int_equal((uintptr_t)block % _Alignof(max_align_t), 0);
        assert_true(all_zero(block, size));
        memset(block, 0xff, size);
        if (before != NULL) assert_ptr_not_equal(block, before);
        before = block;
    }
    arena_destroy(a);
}

static void a_large_block_gets_a_chunk_of_its_own(void **state) {
    (void)state;
    arena *a = arena_create();
    char *large = arena_alloc(a, 1000000);
    memset(large, 1, 1000000);
    char *small = arena_alloc(a, 10);
    assert_true(all_zero(small, 10));
    assert_true(arena_used(a) >= 1000010);
    arena_destroy(a);
}

static void reset_gives_zeroed_memory_again(void **state) {
    (void)state;
    arena *a = arena_create();
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < 100; i++) {
            char *block = arena_alloc(a, 1000);
            assert_true(all_zero(block, 1000));
            memset(block, 0xaa, 1000);
        }
        arena_reset(a);
        assert_int_equal(arena_used(a), 0);
    }
    arena_destroy(a);
    arena_destroy(NULL);
}

static void texts_are_copied_and_ended(void **state) {
    (void)state;
    arena *a = arena_create();
    assert_string_equal(arena_text(a, "ünï"), "ünï");
    assert_string_equal(arena_copy(a, "abcdef", 3), "abc");
    assert_string_equal(arena_copy(a, "", 0), "");
    assert_string_equal(arena_printf(a, "%d-%s", 7, "x"), "7-x");
    int64_t *numbers = arena_array(a, 5, sizeof *numbers);
    for (int i = 0; i < 5; i++)
        assert_int_equal(numbers[i], 0);
    arena_destroy(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_aligned_zeroed_and_apart),
        cmocka_unit_test(a_large_block_gets_a_chunk_of_its_own),
        cmocka_unit_test(reset_gives_zeroed_memory_again),
        cmocka_unit_test(texts_are_copied_and_ended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
