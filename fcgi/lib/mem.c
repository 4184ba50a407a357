// SPDX-License-Identifier: Apache-2.0
// Memory: the process ends when there is none. See mem.h.
#include "lib/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/log.h"

static void *checked(void *memory, size_t size) {
    if (memory == NULL) {
        log_error(NULL, "no memory for %zu bytes", size);
        exit(1);
    }
    return memory;
}

void *mem_alloc(size_t size) {
    size_t some = size == 0 ? 1 : size;
    return checked(calloc(1, some), some);
}

void *mem_array(size_t count, size_t size) {
    size_t product;
    if (__builtin_mul_overflow(count, size, &product)) product = SIZE_MAX / 2;
    return mem_alloc(product);
}

void *mem_resize(void *old, size_t size) {
    size_t some = size == 0 ? 1 : size;
    return checked(realloc(old, some), some);
}

char *mem_text(const char *text) {
    return checked(strdup(text), strlen(text) + 1);
}

void mem_free(void *memory) {
    free(memory);
}
