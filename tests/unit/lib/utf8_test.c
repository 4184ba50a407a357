// SPDX-License-Identifier: Apache-2.0
// UTF-8: every sequence of one to three bytes and the edges of four, against a decoder written another way.
#include "lib/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// Encodes a code point by the definition; 0 for what has no encoding.
static size_t encode(uint32_t code, unsigned char out[4]) {
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0;
    if (code < 0x80) {
        out[0] = (unsigned char)code;
        return 1;
    }
    size_t len = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = len; i-- > 1; code >>= 6)
        out[i] = (unsigned char)(0x80 | (code & 0x3f));
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    out[0] = (unsigned char)(marks[len] | code);
    return len;
}

static unsigned char well_formed3[1 << 24 >> 3]; // a bit for each sequence of three bytes

static void every_code_point_is_decoded(void **state) {
    (void)state;
    for (uint32_t code = 0; code <= 0x110000; code++) {
        unsigned char bytes[4];
        size_t len = encode(code, bytes);
        if (len == 0) continue;
        uint32_t got = ~0u;
        assert_int_equal(utf8_decode((char *)bytes, (char *)bytes + len, &got), len);
        assert_int_equal(got, code);
        for (size_t cut = 1; cut < len; cut++)
            assert_int_equal(utf8_decode((char *)bytes, (char *)bytes + cut, &got), 0);
        if (len == 3) {
            uint32_t at = (uint32_t)bytes[0] << 16 | (uint32_t)bytes[1] << 8 | bytes[2];
            well_formed3[at >> 3] |= (unsigned char)(1u << (at & 7));
        }
    }
}

static void no_other_sequence_of_two_or_three_bytes_is(void **state) {
    (void)state;
    for (uint32_t at = 0; at < 1u << 24; at++) {
        char bytes[3] = {(char)(at >> 16), (char)(at >> 8), (char)at};
        uint32_t code;
        size_t len = utf8_decode(bytes, bytes + 3, &code);
        bool three = (well_formed3[at >> 3] >> (at & 7) & 1) != 0;
        if ((len == 3) != three) fail_msg("%06x", at);
        if (len == 2 && (code < 0x80 || code > 0x7ff)) fail_msg("%06x", at);
    }
}

static const char *const ILL_FORMED[] = {
    "\x80",
    "\xbf",
    "\xc0\xaf",
    "\xc1\xbf",
    "\xc2",
    "\xc2\x41",
    "\xe0\x80\x80",
    "\xe0\x9f\xbf",
    "\xe1\x80",
    "\xed\xa0\x80",
    "\xed\xbf\xbf",
    "\xed\xa0\x80\xed\xb0\x80",
    "\xf0\x80\x80\x80",
    "\xf0\x8f\xbf\xbf",
    "\xf4\x90\x80\x80",
    "\xf5\x80\x80\x80",
    "\xf8\x88\x80\x80\x80",
    "\xfc\x84\x80\x80\x80\x80",
    "\xfe",
    "\xff",
    "ok\xf0\x9f\x98",
    "\xf0\x9f\x98\x41",
    "\xe2\x28\xa1",
    "\xef\xbf",
};

static void ill_formed_texts_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ILL_FORMED / sizeof ILL_FORMED[0]; i++) {
        assert_false(utf8_valid(ILL_FORMED[i], strlen(ILL_FORMED[i])));
        assert_true(utf8_has_control(ILL_FORMED[i], strlen(ILL_FORMED[i])));
        assert_false(utf8_blank(ILL_FORMED[i], strlen(ILL_FORMED[i])));
    }
    assert_false(utf8_valid("a\0b", 3));
    assert_true(utf8_valid("", 0));
    assert_true(utf8_valid("\xef\xbf\xbe\xef\xbf\xbf", 6)); // noncharacters are well-formed
    assert_true(utf8_valid("\xf4\x8f\xbf\xbf", 4));
}

typedef struct row {
    const char *text;
    size_t count;
    bool blank, control;
} row;

static const row ROWS[] = {
    {"", 0, true, false},
    {" \t\r\n", 4, true, true},
    {"\xc2\xa0\xe3\x80\x80", 2, true, false},
    {"\xe2\x80\x8b\xe2\x80\x8d\xef\xbb\xbf", 3, true, false},
    {"a", 1, false, false},
    {" ä€😀 ", 5, false, false},
    {"e\xcc\x81", 2, false, false},
    {"x\x7f", 2, false, true},
    {"x\xc2\x85", 2, false, true},
    {"\xe2\x80\xae"
     "abc",
     4, false, true},
    {"\xe2\x81\xa6"
     "abc",
     4, false, true},
    {"\xe2\x80\x8f"
     "abc",
     4, false, false}, // a mark, no override
    {"\xe2\x80\xa8", 1, true, true},
};

static void texts_are_judged(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        size_t len = strlen(ROWS[i].text);
        assert_int_equal(utf8_count(ROWS[i].text, len), ROWS[i].count);
        assert_int_equal(utf8_blank(ROWS[i].text, len), ROWS[i].blank);
        assert_int_equal(utf8_has_control(ROWS[i].text, len), ROWS[i].control);
    }
}

static void cutting_keeps_characters_whole(void **state) {
    (void)state;
    static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10};
    const char text[] = "aä€😀"; // 1 + 2 + 3 + 4 bytes
    for (size_t max = 0; max < 12; max++)
        assert_int_equal(utf8_cut(text, 10, max), expected[max]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_is_decoded),
        cmocka_unit_test(no_other_sequence_of_two_or_three_bytes_is),
        cmocka_unit_test(ill_formed_texts_are_refused),
        cmocka_unit_test(texts_are_judged),
        cmocka_unit_test(cutting_keeps_characters_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
