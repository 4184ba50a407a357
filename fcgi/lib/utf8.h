// SPDX-License-Identifier: Apache-2.0
// UTF-8 as Unicode 15 section 3.9 (table 3-7) has it: no overlong forms, no surrogates, nothing
// above U+10FFFF. The same verdict as PostgreSQL, which refuses NUL besides. Pure.
#ifndef PARLEY_LIB_UTF8_H
#define PARLEY_LIB_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Decodes one code point at p (at least one byte before end); returns its length 1..4, or 0 when
// the bytes there are not well-formed. *code is set only when the length is not 0.
size_t utf8_decode(const char *p, const char *end, uint32_t *code);
// True when all len bytes are well-formed and none is NUL.
bool utf8_valid(const char *bytes, size_t len);
// Code points in well-formed bytes.
size_t utf8_count(const char *bytes, size_t len);
// True when there is nothing but white space (White_Space of the Unicode database) and characters
// without any appearance (U+200B..U+200D, U+2060, U+FEFF); true for an empty text.
bool utf8_blank(const char *bytes, size_t len);
// True when a C0 or C1 control, DEL, U+2028, U+2029 or a character that overrides the direction
// of text (U+202A..U+202E, U+2066..U+2069) is in it: not allowed in names and titles.
bool utf8_has_control(const char *bytes, size_t len);
// The longest prefix of at most max bytes that does not cut a character.
size_t utf8_cut(const char *bytes, size_t len, size_t max);

#endif
