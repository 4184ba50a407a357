// SPDX-License-Identifier: Apache-2.0
// UTF-8 by table 3-7 of the Unicode standard. See utf8.h.
#include "lib/utf8.h"

// One row a lead byte range: how many bytes follow, and the range of the first that follows. (The ranges of
// that byte are what keeps overlong forms, surrogates and what is above U+10FFFF out.)
typedef struct lead_row {
    unsigned char first, last;
    unsigned char following;
    unsigned char low, high;
} lead_row;

static const lead_row LEADS[] = {
    {0x00, 0x7f, 0, 0, 0},       {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

typedef struct range {
    uint32_t first, last;
} range;

static const range BLANKS[] = {
    {0x09, 0x0d},     {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},
    {0x1680, 0x1680}, {0x2000, 0x200d}, {0x2028, 0x2029}, {0x202f, 0x202f},
    {0x205f, 0x2060}, {0x3000, 0x3000}, {0xfeff, 0xfeff},
};

static const range CONTROLS[] = {
    {0x00, 0x1f},
    {0x7f, 0x9f},
    {0x2028, 0x202e},
    {0x2066, 0x2069},
};

static const lead_row *lead_of(unsigned char byte) {
    for (size_t i = 0; i < sizeof LEADS / sizeof LEADS[0]; i++)
        if (byte >= LEADS[i].first && byte <= LEADS[i].last) return &LEADS[i];
    return NULL;
}

size_t utf8_decode(const char *p, const char *end, uint32_t *code) {
    const unsigned char *u = (const unsigned char *)p;
    if (u[0] < 0x80) {
        *code = u[0];
        return 1;
    }
    const lead_row *lead = lead_of(u[0]);
    if (lead == NULL || (size_t)(end - p) <= lead->following) return 0;
    if (u[1] < lead->low || u[1] > lead->high) return 0;
    uint32_t value = u[0] & (0x3fu >> lead->following);
    for (unsigned i = 1; i <= lead->following; i++) {
        if ((u[i] & 0xc0) != 0x80) return 0;
        value = value << 6 | (u[i] & 0x3f);
    }
    *code = value;
    return lead->following + 1u;
}

bool utf8_valid(const char *bytes, size_t len) {
    const char *end = bytes + len;
    uint32_t code;
    for (const char *p = bytes; p < end;) {
        size_t step = utf8_decode(p, end, &code);
        if (step == 0 || code == 0) return false;
        p += step;
    }
    return true;
}

size_t utf8_count(const char *bytes, size_t len) {
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        if (((unsigned char)bytes[i] & 0xc0) != 0x80) count++;
    return count;
}

static bool within(uint32_t code, const range *ranges, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (code >= ranges[i].first && code <= ranges[i].last) return true;
    return false;
}

#define WITHIN(code, ranges) within((code), (ranges), sizeof(ranges) / sizeof(ranges)[0])

bool utf8_blank(const char *bytes, size_t len) {
    const char *end = bytes + len;
    uint32_t code = 0;
    for (const char *p = bytes; p < end;) {
        size_t step = utf8_decode(p, end, &code);
        if (step == 0 || !WITHIN(code, BLANKS)) return false;
        p += step;
    }
    return true;
}

bool utf8_has_control(const char *bytes, size_t len) {
    const char *end = bytes + len;
    uint32_t code = 0;
    for (const char *p = bytes; p < end;) {
        size_t step = utf8_decode(p, end, &code);
        if (step == 0 || WITHIN(code, CONTROLS)) return true;
        p += step;
    }
    return false;
}

size_t utf8_cut(const char *bytes, size_t len, size_t max) {
    if (len <= max) return len;
    size_t cut = max;
    while (cut > 0 && ((unsigned char)bytes[cut] & 0xc0) == 0x80)
        cut--;
    return cut;
}
