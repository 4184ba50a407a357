// SPDX-License-Identifier: Apache-2.0
// UUID texts (RFC 9562): 8-4-4-4-12 hexadecimal digits, any version.
#ifndef PARLEY_LIB_UUID_H
#define PARLEY_LIB_UUID_H

#include <stdbool.h>
#include <stddef.h>

#define UUID_TEXT 37 // bytes of one, with the NUL

// Either case of digits is a UUID; braces, urn: and missing hyphens are not.
bool uuid_valid(const char *text, size_t len);

#endif
