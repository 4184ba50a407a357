// SPDX-License-Identifier: Apache-2.0
// Memory that is there or the process is not: every allocation of the base goes through here.
// When the system has none left, one line is logged and the process exits 1; a supervisor starts
// it again, and nothing is lost, because nothing but the database holds state.
#ifndef PARLEY_LIB_MEM_H
#define PARLEY_LIB_MEM_H

#include <stddef.h>

// size bytes, zeroed; the caller frees with mem_free. size 0 is taken as 1.
void *mem_alloc(size_t size) __attribute__((malloc, returns_nonnull));
// count * size bytes, zeroed; an overflow of the product counts as "no memory".
void *mem_array(size_t count, size_t size) __attribute__((malloc, returns_nonnull));
// Like realloc, never NULL; the bytes beyond the old size are not zeroed.
void *mem_resize(void *old, size_t size) __attribute__((returns_nonnull));
// A copy of a NUL-terminated text; text may not be NULL.
char *mem_text(const char *text) __attribute__((malloc, returns_nonnull));
void mem_free(void *memory);

#endif
