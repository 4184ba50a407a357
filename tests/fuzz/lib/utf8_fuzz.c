// SPDX-License-Identifier: Apache-2.0
// UTF-8: what is decoded is the shortest form of a code point that there is, and every such form is decoded. The same texts
// through the JSON writer and back.
#include <json-c/json_object.h>

#include "../fuzz.h"
#include "lib/buf.h"
#include "lib/json.h"
#include "lib/utf8.h"

static size_t encode(uint32_t code, char out[4]) {
    size_t more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char LEADS[] = {0, 0xc0, 0xe0, 0xf0};
    for (size_t i = more; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(LEADS[more] | code);
    return more + 1;
}

static bool scalar(uint32_t code) {
    return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
}

static void any_code(uint32_t code) {
    char bytes[4];
    uint32_t back;
    if (!scalar(code)) return;
    size_t len = encode(code, bytes);
    assert(utf8_decode(bytes, bytes + len, &back) == len && back == code);
}

static void written_and_read(const char *text, size_t len) {
    buf out;
    problem why = {0};
    buf_init(&out, BUF_NO_LIMIT);
    buf_add_char(&out, '[');
    buf_add_json(&out, text, len);
    buf_add_char(&out, ']');
    struct json_object *array = json_parse(out.data, out.len, 1, &why);
    assert(array != NULL);
    struct json_object *item = json_object_array_get_idx(array, 0);
    assert((size_t)json_object_get_string_len(item) == len);
    assert(memcmp(json_object_get_string(item), text, len) == 0);
    json_object_put(array);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + 1), *end = text + size;
    memcpy(text, data, size);
    size_t count = 0;
    bool good = true, nul = false;
    for (const char *p = text; good && p < end; count++) {
        uint32_t code = 0;
        char again[4];
        size_t step = utf8_decode(p, end, &code);
        good = step > 0;
        nul |= good && code == 0;
        assert(!good || (scalar(code) && encode(code, again) == step && memcmp(again, p, step) == 0));
        p += step;
    }
    assert(utf8_valid(text, size) == (good && !nul));
    if (size >= 4) any_code((uint32_t)(data[0] << 16 | data[1] << 8 | data[2]));
    if (good && !nul) {
        size_t cut = utf8_cut(text, size, size / 2);
        assert(utf8_count(text, size) == count && cut <= size && utf8_valid(text, cut));
        utf8_blank(text, size);
        utf8_has_control(text, size);
        written_and_read(text, size);
    }
    free(text);
    return 0;
}
