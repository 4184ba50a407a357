// SPDX-License-Identifier: Apache-2.0
// Buf: growable bytes with a bound.
// Invariants: data[len] is always NUL (data is never NULL after buf_init); len never passes limit.
// At the bound the append is dropped whole, `full` is set and stays set, and all later appends are
// dropped too: check `full` once at the end, instead of after each step.
#ifndef PARLEY_LIB_BUF_H
#define PARLEY_LIB_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct buf {
    char *data;
    size_t len;
    size_t cap;
    size_t limit; // most bytes of content; BUF_NO_LIMIT for output whose size SQL already bounds
    bool full;
} buf;

#define BUF_NO_LIMIT ((size_t)1 << 40)

// An empty buffer that will hold limit bytes at most. Free with buf_free.
void buf_init(buf *b, size_t limit);
// Frees; the buf may be initialised again. Safe on a zeroed buf.
void buf_free(buf *b);
// Empties and clears `full`; keeps the memory up to 64 KiB.
void buf_reset(buf *b);
// Hands the bytes (NUL-terminated, freed by mem_free) to the caller and empties the buf.
char *buf_take(buf *b);

void buf_add(buf *b, const void *bytes, size_t len);
void buf_add_text(buf *b, const char *text);
void buf_add_char(buf *b, char c);
void buf_add_int(buf *b, int64_t number);
void buf_printf(buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Appends a JSON string with its quotes (RFC 8259 section 7). bytes are valid UTF-8; the quote, the
// backslash, C0 controls, DEL, U+2028 and U+2029 are escaped, all else is copied.
void buf_add_json(buf *b, const char *bytes, size_t len);
// The same for a NUL-terminated text; NULL becomes the JSON null.
void buf_add_json_text(buf *b, const char *text);

#endif
