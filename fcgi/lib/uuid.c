// SPDX-License-Identifier: Apache-2.0
// UUID texts. See uuid.h.
#include "lib/uuid.h"

static bool hyphen_at(size_t i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
}

static bool is_hex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool uuid_valid(const char *text, size_t len) {
    if (len != UUID_TEXT - 1) return false;
    for (size_t i = 0; i < len; i++)
        if (hyphen_at(i) ? text[i] != '-' : !is_hex(text[i])) return false;
    return true;
}
