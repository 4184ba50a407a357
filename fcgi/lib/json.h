// SPDX-License-Identifier: Apache-2.0
// JSON from outside: strict parser and typed readers.
// json_parse refuses, beyond what json-c does (facts.md): anything outside RFC 8259's grammar (NaN, single
// quotes, raw control characters, comments, leading zeros, a BOM, bytes after the value), ill-formed UTF-8,
// U+0000 and unpaired surrogates in any string or key, a repeated key in an object, nesting deeper
// than asked, more than 20,000 values or 4,000 arrays and objects. So every string that comes out is a NUL-terminated UTF-8 text that PostgreSQL accepts.
// Numbers are read only by json_*_int, which refuses fractions, exponents and what is out of range;
// ids are decimal strings.
#ifndef PARLEY_LIB_JSON_H
#define PARLEY_LIB_JSON_H

#include <json-c/json_object.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/error.h"

// The value, to be freed by json_object_put; NULL on refusal, *why then ERROR_MALFORMED with the byte
// and the reason. depth: the most arrays and objects around a value. A JSON null is refused as well (NULL
// stands for it in json-c); no request is just null.
struct json_object *json_parse(const char *bytes, size_t len, int depth, problem *why);

// Overwrites every text in the value with zeros: for what may hold a password, before json_object_put. NULL is allowed.
void json_wipe(struct json_object *value);

// Decimal string of digits → 1..INT64_MAX; no sign, blanks or leading zeros. 0 when it is none.
int64_t id_parse(const char *text, size_t len);
// The same for 0..max: an unsigned decimal number. Returns -1 when it is none or above max.
int64_t number_parse(const char *text, size_t len, int64_t max);

// Reader of an object's members. The first thing wrong is kept in *why, and every later read returns
// its empty value, so a handler reads all and asks once. A reader of something that is not an object is
// at once wrong. Texts live as long as the json_object.
typedef struct json_reader {
    struct json_object *object;
    problem *why; // code ERROR_NONE while good
} json_reader;

// object may be NULL (as if empty). why is not cleared.
json_reader json_reader_of(struct json_object *object, problem *why);

enum text_flags {
    TEXT_ANY = 0,
    TEXT_NOT_BLANK = 1 << 0, // not only white space
    TEXT_NAME = 1 << 1,      // no control or direction-overriding characters; implies TEXT_NOT_BLANK
    TEXT_BYTES = 1 << 2,     // min and max count bytes, not code points
};

typedef struct text_rule {
    int min, max;   // code points
    unsigned flags; // enum text_flags
} text_rule;

// True when the text fits; otherwise *why says what is wrong with the member called name.
bool text_fits(const char *text, size_t len, text_rule rule, const char *name, problem *why);

// need: a missing or null member is wrong. want: it gives NULL, 0 or the fallback.
const char *json_need_text(json_reader *in, const char *name, text_rule rule);
const char *json_want_text(json_reader *in, const char *name, text_rule rule);
int64_t json_need_id(json_reader *in, const char *name);
const char *json_need_uuid(json_reader *in, const char *name);
int64_t json_need_int(json_reader *in, const char *name, int64_t min, int64_t max);
int64_t json_want_int(json_reader *in, const char *name, int64_t min, int64_t max, int64_t fallback);
bool json_want_bool(json_reader *in, const char *name, bool fallback);
// One of the choices (NULL-terminated list); returns the list's own pointer.
const char *json_need_choice(json_reader *in, const char *name, const char *const *choices);
const char *json_want_choice(json_reader *in, const char *name, const char *const *choices);
// An array of ids, at most max, into the arena; returns how many (repeats are kept). need: at least one.
size_t json_need_ids(json_reader *in, const char *name, size_t max, arena *a, int64_t **out);
size_t json_want_ids(json_reader *in, const char *name, size_t max, arena *a, int64_t **out);
// An object or array member, borrowed.
struct json_object *json_want_object(json_reader *in, const char *name);
struct json_object *json_want_array(json_reader *in, const char *name, size_t max);
// The member is there (also when null); it is there and null.
bool json_has(const json_reader *in, const char *name);
bool json_is_null(const json_reader *in, const char *name);
// Says that a member is wrong, if nothing was wrong yet.
void json_wrong(json_reader *in, const char *name, const char *expected);
bool json_ok(const json_reader *in);

#endif
