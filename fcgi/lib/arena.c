// SPDX-License-Identifier: Apache-2.0
// Arena: a list of chunks, filled from the newest. See arena.h.
// A block that is larger than a chunk gets a chunk of its own size. The sanitized build poisons what is not
// handed out, so a write past a block or a use after reset is caught there too.
#include "lib/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define POISON(p, n) ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION(p, n)
#define GAP 16 // a poisoned strip between two blocks
#else
#define POISON(p, n) ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
#define GAP 0
#endif

#define CHUNK_SIZE ((size_t)16 * 1024)
#define ALIGN alignof(max_align_t)

typedef struct chunk {
    struct chunk *older;
    size_t size; // of bytes
    size_t used;
    alignas(max_align_t) char bytes[];
} chunk;

struct arena {
    chunk *newest;
    chunk *first; // kept over a reset
    size_t total; // handed out since the last reset
};

static chunk *chunk_create(size_t size, chunk *older) {
    chunk *c = mem_alloc(sizeof(chunk) + size);
    c->older = older;
    c->size = size;
    POISON(c->bytes, size);
    return c;
}

static void chunk_destroy(chunk *c) {
    UNPOISON(c->bytes, c->size);
    explicit_bzero(c->bytes, c->used);
    mem_free(c);
}

arena *arena_create(void) {
    arena *a = mem_alloc(sizeof *a);
    a->first = chunk_create(CHUNK_SIZE, NULL);
    a->newest = a->first;
    return a;
}

void arena_reset(arena *a) {
    while (a->newest != a->first) {
        chunk *older = a->newest->older;
        chunk_destroy(a->newest);
        a->newest = older;
    }
    UNPOISON(a->first->bytes, a->first->used);
    memset(a->first->bytes, 0, a->first->used);
    POISON(a->first->bytes, a->first->size);
    a->first->used = 0;
    a->total = 0;
}

void arena_destroy(arena *a) {
    if (a == NULL) return;
    arena_reset(a);
    chunk_destroy(a->first);
    mem_free(a);
}

size_t arena_used(const arena *a) {
    return a->total;
}

static size_t round_up(size_t size) {
    size_t some = size == 0 ? 1 : size;
    if (some > SIZE_MAX / 2) abort();
    return (some + GAP + ALIGN - 1) / ALIGN * ALIGN;
}

void *arena_alloc(arena *a, size_t size) {
    size_t need = round_up(size);
    chunk *c = a->newest;
    if (c->size - c->used < need) {
        c = chunk_create(need > CHUNK_SIZE ? need : CHUNK_SIZE, a->newest);
        a->newest = c;
    }
    char *block = c->bytes + c->used;
    c->used += need;
    a->total += need;
    UNPOISON(block, size == 0 ? 1 : size);
    return block;
}

void *arena_array(arena *a, size_t count, size_t size) {
    size_t product;
    if (__builtin_mul_overflow(count, size, &product)) abort();
    return arena_alloc(a, product);
}

char *arena_copy(arena *a, const void *bytes, size_t length) {
    char *copy = arena_alloc(a, length + 1);
    if (length > 0) memcpy(copy, bytes, length);
    return copy;
}

char *arena_text(arena *a, const char *text) {
    return arena_copy(a, text, strlen(text));
}

char *arena_printf(arena *a, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) abort();
    char *text = arena_alloc(a, (size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}
