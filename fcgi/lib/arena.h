// SPDX-License-Identifier: Apache-2.0
// Arena: memory of one request or one event, given back all at once; handlers never free.
// Invariants: blocks are aligned for any type and zeroed; nothing from an arena outlives its reset, not even as rubbish in free
// memory: a password may have been in it.
// An allocation never fails (see mem.h); bound what you put in by the limits of the input.
#ifndef PARLEY_LIB_ARENA_H
#define PARLEY_LIB_ARENA_H

#include <stdarg.h>
#include <stddef.h>

typedef struct arena arena;

arena *arena_create(void);
// Frees the arena and all that came from it; NULL is allowed.
void arena_destroy(arena *a);
// Forgets everything that was allocated; keeps the first chunk for the next use.
void arena_reset(arena *a);
// Bytes handed out since the last reset, padding included.
size_t arena_used(const arena *a);

// size bytes, zeroed, valid until reset or destroy.
void *arena_alloc(arena *a, size_t size) __attribute__((returns_nonnull));
// count * size bytes, zeroed; an overflow of the product ends the process.
void *arena_array(arena *a, size_t count, size_t size) __attribute__((returns_nonnull));
// Copies; both are NUL-terminated. length does not count the NUL.
char *arena_text(arena *a, const char *text) __attribute__((returns_nonnull));
char *arena_copy(arena *a, const void *bytes, size_t length) __attribute__((returns_nonnull));
// printf into the arena.
char *arena_printf(arena *a, const char *format, ...) __attribute__((format(printf, 2, 3), returns_nonnull));

#endif
