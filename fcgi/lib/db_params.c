// SPDX-License-Identifier: Apache-2.0
// Parameters of calls in text format, and the statement of a call. See db.h.
// Arrays are written as PostgreSQL's array literals: every text element is quoted, with quotes and backslashes
// escaped, so no element can end early or be taken for NULL.
#include "lib/db.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

db_params db_params_new(arena *a) {
    return (db_params){.arena = a};
}

static void push(db_params *p, const char *value) {
    if (p->count == DB_PARAMS_MAX) abort(); // a mistake in the program, not in its input
    p->values[p->count++] = value;
}

void db_null(db_params *p) {
    push(p, NULL);
}

void db_text(db_params *p, const char *text) {
    push(p, text == NULL ? NULL : arena_text(p->arena, text));
}

void db_int(db_params *p, int64_t number) {
    push(p, arena_printf(p->arena, "%" PRId64, number));
}

void db_id(db_params *p, int64_t id) {
    if (id == 0)
        db_null(p);
    else
        db_int(p, id);
}

void db_bool(db_params *p, bool value) {
    push(p, value ? "t" : "f");
}

static const char *hex_text(arena *a, const void *bytes, size_t len) {
    static const char digits[] = "0123456789abcdef";
    char *text = arena_alloc(a, 2 * len + 3);
    const unsigned char *from = bytes;
    char *at = text;
    *at++ = '\\';
    *at++ = 'x';
    for (size_t i = 0; i < len; i++) {
        *at++ = digits[from[i] >> 4];
        *at++ = digits[from[i] & 15];
    }
    return text;
}

void db_bytes(db_params *p, const void *bytes, size_t len) {
    push(p, bytes == NULL ? NULL : hex_text(p->arena, bytes, len));
}

void db_rate(db_params *p, const rate *r) {
    db_id(p, r->count);
    db_id(p, r->seconds);
}

static void push_buf(db_params *p, buf *text) {
    push(p, arena_copy(p->arena, text->data, text->len));
    buf_free(text);
}

void db_ids(db_params *p, const int64_t *ids, size_t n) {
    buf text;
    buf_init(&text, BUF_NO_LIMIT);
    buf_add_char(&text, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0) buf_add_char(&text, ',');
        buf_add_int(&text, ids[i]);
    }
    buf_add_char(&text, '}');
    push_buf(p, &text);
}

static void add_element(buf *out, const char *text) {
    if (text == NULL) {
        buf_add_text(out, "NULL");
        return;
    }
    buf_add_char(out, '"');
    for (const char *p = text; *p != '\0';) {
        size_t plain = strcspn(p, "\"\\");
        buf_add(out, p, plain);
        p += plain;
        if (*p == '\0') break;
        buf_add_char(out, '\\');
        buf_add_char(out, *p++);
    }
    buf_add_char(out, '"');
}

void db_texts(db_params *p, const char *const *texts, size_t n) {
    buf text;
    buf_init(&text, BUF_NO_LIMIT);
    buf_add_char(&text, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0) buf_add_char(&text, ',');
        add_element(&text, texts[i]);
    }
    buf_add_char(&text, '}');
    push_buf(p, &text);
}

void db_bytes_array(db_params *p, const uint8_t *const *elements, size_t n, size_t len) {
    const char **texts = arena_array(p->arena, n, sizeof *texts);
    for (size_t i = 0; i < n; i++)
        texts[i] = hex_text(p->arena, elements[i], len);
    db_texts(p, texts, n);
}

void db_bools(db_params *p, const bool *values, size_t n) {
    buf text;
    buf_init(&text, BUF_NO_LIMIT);
    buf_add_char(&text, '{');
    for (size_t i = 0; i < n; i++) {
        if (i > 0) buf_add_char(&text, ',');
        buf_add_char(&text, values[i] ? 't' : 'f');
    }
    buf_add_char(&text, '}');
    push_buf(p, &text);
}

const char *db_statement(arena *a, const db_call *call) {
    buf text;
    buf_init(&text, BUF_NO_LIMIT);
    buf_printf(&text, "SELECT * FROM api.%s(", call->name);
    int number = 0;
    for (const char *p = call->types + strspn(call->types, " "); *p != '\0'; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        buf_printf(&text, "%s$%d::%.*s", number == 0 ? "" : ",", number + 1, (int)len, p);
        number++;
        p += len;
    }
    buf_add_char(&text, ')');
    const char *statement = arena_copy(a, text.data, text.len);
    buf_free(&text);
    return statement;
}
