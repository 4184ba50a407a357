// SPDX-License-Identifier: Apache-2.0
// Buf: growable bytes with a bound. See buf.h.
#include "lib/buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

#define KEEP ((size_t)64 * 1024)

void buf_init(buf *b, size_t limit) {
    *b = (buf){.cap = 64, .limit = limit};
    b->data = mem_alloc(b->cap);
}

void buf_free(buf *b) {
    mem_free(b->data);
    *b = (buf){0};
}

void buf_reset(buf *b) {
    if (b->cap > KEEP) {
        size_t limit = b->limit;
        buf_free(b);
        buf_init(b, limit);
    }
    b->len = 0;
    b->full = false;
    b->data[0] = '\0';
}

char *buf_take(buf *b) {
    char *bytes = b->data;
    buf_init(b, b->limit);
    return bytes;
}

// Makes room for `more` bytes and the NUL; false (and full) when the bound forbids it.
static bool reserve(buf *b, size_t more) {
    if (b->full || more > b->limit - b->len) {
        b->full = true;
        return false;
    }
    size_t need = b->len + more + 1;
    if (need > b->cap) {
        size_t twice = b->cap * 2;
        b->cap = need > twice ? need : twice;
        b->data = mem_resize(b->data, b->cap);
    }
    return true;
}

void buf_add(buf *b, const void *bytes, size_t len) {
    if (len == 0 || !reserve(b, len)) return;
    memcpy(b->data + b->len, bytes, len);
    b->len += len;
    b->data[b->len] = '\0';
}

void buf_add_text(buf *b, const char *text) {
    buf_add(b, text, strlen(text));
}

void buf_add_char(buf *b, char c) {
    buf_add(b, &c, 1);
}

void buf_add_int(buf *b, int64_t number) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRId64, number);
    buf_add(b, digits, (size_t)len);
}

void buf_printf(buf *b, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0) abort();
    if (len > 0 && reserve(b, (size_t)len)) {
        vsnprintf(b->data + b->len, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

// The escape of the character at p, NULL when it is copied as it is; *len is how many bytes it stands for.
static const char *escape_of(const unsigned char *p, size_t left, size_t *len, char out[8]) {
    *len = 1;
    switch (p[0]) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\r':
        return "\\r";
    case '\t':
        return "\\t";
    default:
        break;
    }
    if (p[0] < 0x20 || p[0] == 0x7f) {
        snprintf(out, 8, "\\u%04x", p[0]);
        return out;
    }
    if (p[0] == 0xe2 && left >= 3 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)) {
        *len = 3;
        return p[2] == 0xa8 ? "\\u2028" : "\\u2029";
    }
    return NULL;
}

void buf_add_json(buf *b, const char *bytes, size_t len) {
    const unsigned char *p = (const unsigned char *)bytes;
    size_t from = 0;
    buf_add_char(b, '"');
    for (size_t i = 0; i < len;) {
        size_t taken;
        char hex[8];
        const char *escape = escape_of(p + i, len - i, &taken, hex);
        if (escape != NULL) {
            buf_add(b, bytes + from, i - from);
            buf_add_text(b, escape);
            from = i + taken;
        }
        i += taken;
    }
    buf_add(b, bytes + from, len - from);
    buf_add_char(b, '"');
}

void buf_add_json_text(buf *b, const char *text) {
    if (text == NULL)
        buf_add_text(b, "null");
    else
        buf_add_json(b, text, strlen(text));
}
