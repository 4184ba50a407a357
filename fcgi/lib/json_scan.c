// SPDX-License-Identifier: Apache-2.0
// Strict scanner of JSON (RFC 8259): recursive descent, as deep as asked at most. See json_scan.h.
#include "lib/json_scan.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/utf8.h"

typedef struct scan {
    const char *start, *p, *end;
    int depth; // still allowed
    size_t keys, values, containers;
    const char *error;
} scan;

static bool scan_value(scan *s);

static bool fail(scan *s, const char *error) {
    if (s->error == NULL) s->error = error;
    return false;
}

static bool at(const scan *s, char c) {
    return s->p < s->end && *s->p == c;
}

static bool take(scan *s, char c) {
    if (!at(s, c)) return false;
    s->p++;
    return true;
}

static void skip_blanks(scan *s) {
    while (at(s, ' ') || at(s, '\t') || at(s, '\n') || at(s, '\r'))
        s->p++;
}

static bool is_digit(const scan *s) {
    return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static bool scan_digits(scan *s) {
    if (!is_digit(s)) return fail(s, "a digit is missing");
    while (is_digit(s))
        s->p++;
    return true;
}

static bool scan_number(scan *s) {
    take(s, '-');
    if (take(s, '0')) {
        if (is_digit(s)) return fail(s, "a number with a leading zero");
    } else if (!scan_digits(s)) {
        return false;
    }
    if (take(s, '.') && !scan_digits(s)) return false;
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+')) take(s, '-');
        return scan_digits(s);
    }
    return true;
}

static bool scan_word(scan *s, const char *word) {
    size_t len = strlen(word);
    if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0) return fail(s, "an unknown word");
    s->p += len;
    return true;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// The four digits behind \u.
static bool scan_hex4(scan *s, uint32_t *code) {
    if (s->end - s->p < 4) return fail(s, "an escape that ends early");
    *code = 0;
    for (int i = 0; i < 4; i++) {
        int value = hex_value(s->p[i]);
        if (value < 0) return fail(s, "an escape that is not hexadecimal");
        *code = *code << 4 | (uint32_t)value;
    }
    s->p += 4;
    return true;
}

static bool scan_unicode_escape(scan *s) {
    uint32_t code, low;
    if (!scan_hex4(s, &code)) return false;
    if (code == 0) return fail(s, "U+0000 in a text");
    if (code < 0xd800 || code > 0xdfff) return true;
    bool paired = code < 0xdc00 && take(s, '\\') && take(s, 'u') && scan_hex4(s, &low) && low >= 0xdc00 &&
                  low <= 0xdfff;
    return paired || fail(s, "an unpaired surrogate");
}

static bool scan_escape(scan *s) {
    if (take(s, 'u')) return scan_unicode_escape(s);
    if (s->p == s->end || *s->p == '\0' || strchr("\"\\/bfnrt", *s->p) == NULL)
        return fail(s, "an unknown escape");
    s->p++;
    return true;
}

static bool scan_string(scan *s) {
    uint32_t code;
    if (!take(s, '"')) return fail(s, "a string is missing");
    while (s->p < s->end) {
        if (take(s, '"')) return true;
        if (take(s, '\\')) {
            if (!scan_escape(s)) return false;
            continue;
        }
        size_t step = utf8_decode(s->p, s->end, &code);
        if (step == 0) return fail(s, "bytes that are not UTF-8");
        if (code < 0x20) return fail(s, "a raw control character");
        s->p += step;
    }
    return fail(s, "a string without its end");
}

static bool scan_member(scan *s) {
    if (!scan_string(s)) return false;
    s->keys++;
    skip_blanks(s);
    if (!take(s, ':')) return fail(s, "a colon is missing");
    return scan_value(s);
}

// The inside of an array or object, from behind its opening bracket to behind its closing one.
static bool scan_list(scan *s, char closing, bool (*item)(scan *)) {
    if (s->depth == 0) return fail(s, "nested too deep");
    if (++s->containers > JSON_CONTAINERS_MAX) return fail(s, "too many arrays and objects");
    s->depth--;
    skip_blanks(s);
    if (!take(s, closing)) {
        do {
            skip_blanks(s);
            if (!item(s)) return false;
            skip_blanks(s);
        } while (take(s, ','));
        if (!take(s, closing)) return fail(s, "a comma or the closing bracket is missing");
    }
    s->depth++;
    return true;
}

static bool scan_value(scan *s) {
    skip_blanks(s);
    if (s->p == s->end) return fail(s, "a value is missing");
    if (++s->values > JSON_VALUES_MAX) return fail(s, "too many values");
    switch (*s->p) {
    case '{':
        s->p++;
        return scan_list(s, '}', scan_member);
    case '[':
        s->p++;
        return scan_list(s, ']', scan_value);
    case '"':
        return scan_string(s);
    case 't':
        return scan_word(s, "true");
    case 'f':
        return scan_word(s, "false");
    case 'n':
        return scan_word(s, "null");
    default:
        break;
    }
    return *s->p == '-' || is_digit(s) ? scan_number(s) : fail(s, "an unknown value");
}

json_scanned json_scan(const char *bytes, size_t len, int depth) {
    scan s = {.start = bytes, .p = bytes, .end = bytes + len, .depth = depth};
    if (scan_value(&s)) {
        skip_blanks(&s);
        if (s.p != s.end) fail(&s, "something behind the value");
    }
    return (json_scanned){.keys = s.keys, .at = (size_t)(s.p - s.start), .error = s.error};
}
