// SPDX-License-Identifier: Apache-2.0
// The strict pass over JSON bytes that comes before json-c. Pure; part of json.c, not for others.
#ifndef PARLEY_LIB_JSON_SCAN_H
#define PARLEY_LIB_JSON_SCAN_H

#include <stddef.h>

// A value costs json-c about 60 bytes and an array 350, however short it is written: 256 KiB of `[],` would become
// 30 MiB. A poll of 100 `send` with 100 mentions each has 11,000 values.
#define JSON_VALUES_MAX 20000
#define JSON_CONTAINERS_MAX 4000

typedef struct json_scanned {
    size_t keys;       // members of all objects
    size_t at;         // where the scan ended: the byte of the error
    const char *error; // NULL = one well-formed value, and nothing but blanks around it
} json_scanned;

// Checks len bytes against RFC 8259's grammar, UTF-8, and the limits json.h names.
json_scanned json_scan(const char *bytes, size_t len, int depth);

#endif
