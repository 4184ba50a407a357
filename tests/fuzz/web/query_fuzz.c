// SPDX-License-Identifier: Apache-2.0
// A query against a reader of its own, simple and slow: the same names and values, or both refuse; and the cursors in it
// are what their texts say.
#include <stdio.h>

#include "../fuzz.h"
#include "lib/arena.h"
#include "lib/utf8.h"
#include "web/request.h"

static const config CFG = {.public_url = "", .body_max_bytes = 1000, .json_depth = 16};

static int hex(char c) {
    const char *digits = "0123456789abcdef",
               *at = c == '\0' ? NULL : strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c);
    return at == NULL ? -1 : (int)(at - digits);
}

// Decodes len bytes into out; false for a broken escape or what is not UTF-8.
static bool decode(const char *text, size_t len, char *out) {
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i] == '+' ? ' ' : text[i];
        if (text[i] == '%') {
            if (i + 2 >= len || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return false;
            c = (char)(hex(text[i + 1]) * 16 + hex(text[i + 2]));
            i += 2;
        }
        if (c == '\0') return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return utf8_valid(out, n);
}

static bool same(const request *r, const char *query, char *name, char *value) {
    size_t count = 0;
    for (const char *p = query; *p;) {
        size_t len = strcspn(p, "&");
        const char *equals = memchr(p, '=', len);
        size_t name_len = equals ? (size_t)(equals - p) : len;
        if (len > 0) {
            if (count == REQUEST_QUERY_MAX || !decode(p, name_len, name)) return false;
            if (!decode(equals ? equals + 1 : "", equals ? len - name_len - 1 : 0, value)) return false;
            if (r->why.code == ERROR_NONE) {
                assert(count < r->query_count);
                assert(strcmp(r->query[count].name, name) == 0 && strcmp(r->query[count].value, value) == 0);
            }
            count++;
        }
        p += len + (p[len] == '&');
    }
    assert(r->why.code != ERROR_NONE || count == r->query_count);
    return true;
}

static void cursors(request *r) {
    char again[32];
    int64_t *ids;
    for (size_t i = 0; i < r->query_count; i++) {
        const query_item *item = &r->query[i];
        bool first = true;
        for (size_t k = 0; k < i; k++)
            first &= strcmp(r->query[k].name, item->name) != 0;
        if (!first) continue;
        r->why.code = ERROR_NONE;
        int64_t id = query_id(r, item->name);
        snprintf(again, sizeof again, "%lld", (long long)id);
        assert(r->why.code == ERROR_NONE ? id > 0 && strcmp(again, item->value) == 0 : id == 0);
        r->why.code = ERROR_NONE;
        int64_t number = query_int(r, item->name, 0, INT64_MAX, -7);
        snprintf(again, sizeof again, "%lld", (long long)number);
        assert(r->why.code != ERROR_NONE || strcmp(again, item->value) == 0);
        r->why.code = ERROR_NONE;
        size_t many = query_ids(r, item->name, 3, &ids);
        assert(many <= 3);
        for (size_t k = 0; k < many; k++)
            assert(ids[k] > 0);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    log_setup("fuzz", LEVEL_OFF);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *query = fuzz_text(data, size), *name = malloc(size + 1), *value = malloc(size + 1),
         *target = malloc(size + 16);
    snprintf(target, size + 16, "REQUEST_URI=/a?%s", query);
    char *variables[] = {(char[]){"REQUEST_METHOD=GET"}, target, NULL};
    arena *a = arena_create();
    request r;
    request_read(&r, &CFG, NULL, a, variables);
    assert(same(&r, query, name, value) == (r.why.code == ERROR_NONE));
    cursors(&r);
    request_end(&r);
    arena_destroy(a);
    free(query);
    free(name);
    free(value);
    free(target);
    return 0;
}
