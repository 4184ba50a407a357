// SPDX-License-Identifier: Apache-2.0
// Strict JSON and typed readers. See json.h.
// Repeated keys: the scan counts members as written, the tree holds the last of each; the two numbers differ
// exactly when a key was repeated, however it was escaped.
#include "lib/json.h"

#include <inttypes.h>
#include <json-c/json_tokener.h>
#include <json-c/linkhash.h>
#include <json-c/printbuf.h>
#include <limits.h>
#include <string.h>

#include "lib/json_scan.h"
#include "lib/utf8.h"
#include "lib/uuid.h"

static size_t count_keys(struct json_object *value) {
    size_t count = 0;
    if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            count += count_keys(json_object_array_get_idx(value, i));
    } else if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member) {
            (void)key;
            count += 1 + count_keys(member);
        }
    }
    return count;
}

// Well-formed bytes to json-c's tree. It counts depth otherwise than we do, hence the margin.
static struct json_object *build(const char *bytes, size_t len, int depth) {
    struct json_tokener *tokener = json_tokener_new_ex(depth + 3);
    if (tokener == NULL) return NULL;
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
    struct json_object *value = json_tokener_parse_ex(tokener, bytes, (int)len);
    if (json_tokener_get_error(tokener) == json_tokener_continue) // a number or word at the very end
        value = json_tokener_parse_ex(tokener, "", 1);
    explicit_bzero(tokener->pb->buf, (size_t)tokener->pb->size); // the last texts
    json_tokener_free(tokener);
    return value;
}

void json_wipe(struct json_object *value) {
    if (json_object_is_type(value, json_type_string)) {
        explicit_bzero((char *)json_object_get_string(value), (size_t)json_object_get_string_len(value));
    } else if (json_object_is_type(value, json_type_array)) {
        for (size_t i = 0; i < json_object_array_length(value); i++)
            json_wipe(json_object_array_get_idx(value, i));
    } else if (json_object_is_type(value, json_type_object)) {
        json_object_object_foreach(value, key, member) {
            (void)key;
            json_wipe(member);
        }
    }
}

struct json_object *json_parse(const char *bytes, size_t len, int depth, problem *why) {
    if (len > INT_MAX / 2) {
        problem_set(why, ERROR_TOO_LARGE, NULL);
        return NULL;
    }
    json_scanned scanned = json_scan(bytes, len, depth);
    if (scanned.error != NULL) {
        problem_set(why, ERROR_MALFORMED, "JSON, byte %zu: %s.", scanned.at, scanned.error);
        return NULL;
    }
    struct json_object *value = build(bytes, len, depth);
    if (value == NULL) {
        problem_set(why, ERROR_MALFORMED, "JSON: an object or an array is expected.");
    } else if (count_keys(value) != scanned.keys) {
        problem_set(why, ERROR_MALFORMED, "JSON: a key is repeated in an object.");
        json_object_put(value);
        value = NULL;
    }
    return value;
}

int64_t number_parse(const char *text, size_t len, int64_t max) {
    if (len == 0 || len > 19 || (text[0] == '0' && len > 1)) return -1;
    int64_t number = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') return -1;
        if (__builtin_mul_overflow(number, 10, &number)) return -1;
        if (__builtin_add_overflow(number, text[i] - '0', &number)) return -1;
    }
    return number <= max ? number : -1;
}

int64_t id_parse(const char *text, size_t len) {
    int64_t id = number_parse(text, len, INT64_MAX);
    return id > 0 ? id : 0;
}

// --- readers ---

bool json_ok(const json_reader *in) {
    return in->why->code == ERROR_NONE;
}

void json_wrong(json_reader *in, const char *name, const char *expected) {
    if (json_ok(in)) problem_set(in->why, ERROR_INVALID, "%s: expected %s.", name, expected);
}

json_reader json_reader_of(struct json_object *object, problem *why) {
    json_reader in = {.object = object, .why = why};
    if (object != NULL && !json_object_is_type(object, json_type_object)) {
        in.object = NULL;
        json_wrong(&in, "The body", "a JSON object");
    }
    return in;
}

bool json_has(const json_reader *in, const char *name) {
    return in->object != NULL && json_object_object_get_ex(in->object, name, NULL);
}

bool json_is_null(const json_reader *in, const char *name) {
    struct json_object *value = NULL;
    return in->object != NULL && json_object_object_get_ex(in->object, name, &value) && value == NULL;
}

// The member when it is there and of that type; otherwise NULL, which is wrong if it is needed or of another
// type.
static struct json_object *member(json_reader *in, const char *name, enum json_type type, bool needed,
                                  const char *expected) {
    struct json_object *value = NULL;
    if (!json_ok(in)) return NULL;
    if (in->object != NULL) json_object_object_get_ex(in->object, name, &value);
    if (value == NULL) {
        if (needed) json_wrong(in, name, expected);
        return NULL;
    }
    if (json_object_is_type(value, type)) return value;
    json_wrong(in, name, expected);
    return NULL;
}

bool text_fits(const char *text, size_t len, text_rule rule, const char *name, problem *why) {
    size_t size = rule.flags & TEXT_BYTES ? len : utf8_count(text, len);
    const char *unit = rule.flags & TEXT_BYTES ? "bytes" : "characters";
    if (size < (size_t)rule.min || size > (size_t)rule.max) {
        problem_set(why, ERROR_INVALID, "%s: expected a text of %d to %d %s.", name, rule.min, rule.max,
                    unit);
        return false;
    }
    if (len > 0 && rule.flags & (TEXT_NOT_BLANK | TEXT_NAME) && utf8_blank(text, len)) {
        problem_set(why, ERROR_INVALID, "%s: expected more than white space.", name);
        return false;
    }
    if (rule.flags & TEXT_NAME && utf8_has_control(text, len)) {
        problem_set(why, ERROR_INVALID,
                    "%s: expected no control characters and none that turn the direction.", name);
        return false;
    }
    return true;
}

static const char *read_text(json_reader *in, const char *name, text_rule rule, bool needed) {
    struct json_object *value = member(in, name, json_type_string, needed, "a text");
    if (value == NULL) return NULL;
    const char *text = json_object_get_string(value);
    return text_fits(text, (size_t)json_object_get_string_len(value), rule, name, in->why) ? text : NULL;
}

const char *json_need_text(json_reader *in, const char *name, text_rule rule) {
    return read_text(in, name, rule, true);
}

const char *json_want_text(json_reader *in, const char *name, text_rule rule) {
    return read_text(in, name, rule, false);
}

static const char ID_EXPECTED[] = "an id as a decimal string";

static int64_t id_of(struct json_object *value) {
    if (!json_object_is_type(value, json_type_string)) return 0;
    return id_parse(json_object_get_string(value), (size_t)json_object_get_string_len(value));
}

int64_t json_need_id(json_reader *in, const char *name) {
    struct json_object *value = member(in, name, json_type_string, true, ID_EXPECTED);
    if (value == NULL) return 0;
    int64_t id = id_of(value);
    if (id == 0) json_wrong(in, name, ID_EXPECTED);
    return id;
}

const char *json_need_uuid(json_reader *in, const char *name) {
    struct json_object *value = member(in, name, json_type_string, true, "a UUID");
    if (value == NULL) return NULL;
    const char *text = json_object_get_string(value);
    if (uuid_valid(text, (size_t)json_object_get_string_len(value))) return text;
    json_wrong(in, name, "a UUID");
    return NULL;
}

// json-c clamps what does not fit into 64 bits to INT64_MAX or INT64_MIN: those two count as out of range.
static int64_t read_int(json_reader *in, const char *name, int64_t min, int64_t max, int64_t fallback,
                        bool needed) {
    char expected[96];
    snprintf(expected, sizeof expected, "a whole number from %" PRId64 " to %" PRId64, min, max);
    struct json_object *value = member(in, name, json_type_int, needed, expected);
    if (value == NULL) return fallback;
    int64_t number = json_object_get_int64(value);
    if (number >= min && number <= max && number != INT64_MAX && number != INT64_MIN) return number;
    json_wrong(in, name, expected);
    return fallback;
}

int64_t json_need_int(json_reader *in, const char *name, int64_t min, int64_t max) {
    return read_int(in, name, min, max, 0, true);
}

int64_t json_want_int(json_reader *in, const char *name, int64_t min, int64_t max, int64_t fallback) {
    return read_int(in, name, min, max, fallback, false);
}

bool json_want_bool(json_reader *in, const char *name, bool fallback) {
    struct json_object *value = member(in, name, json_type_boolean, false, "true or false");
    return value == NULL ? fallback : json_object_get_boolean(value);
}

static const char *read_choice(json_reader *in, const char *name, const char *const *choices, bool needed) {
    struct json_object *value = member(in, name, json_type_string, needed, "one of the words it can be");
    if (value == NULL) return NULL;
    const char *text = json_object_get_string(value);
    for (const char *const *choice = choices; *choice != NULL; choice++)
        if (strcmp(text, *choice) == 0) return *choice;
    char expected[200] = "one of";
    size_t at = strlen(expected);
    for (const char *const *choice = choices; *choice != NULL && at + strlen(*choice) + 2 < sizeof expected;
         choice++)
        at += (size_t)snprintf(expected + at, sizeof expected - at, " %s", *choice);
    json_wrong(in, name, expected);
    return NULL;
}

const char *json_need_choice(json_reader *in, const char *name, const char *const *choices) {
    return read_choice(in, name, choices, true);
}

const char *json_want_choice(json_reader *in, const char *name, const char *const *choices) {
    return read_choice(in, name, choices, false);
}

static struct json_object *read_array(json_reader *in, const char *name, size_t min, size_t max) {
    char expected[80];
    snprintf(expected, sizeof expected, "an array of %zu to %zu", min, max);
    struct json_object *array = member(in, name, json_type_array, min > 0, expected);
    if (array == NULL) return NULL;
    size_t count = json_object_array_length(array);
    if (count >= min && count <= max) return array;
    json_wrong(in, name, expected);
    return NULL;
}

static size_t read_ids(json_reader *in, const char *name, size_t min, size_t max, arena *a, int64_t **out) {
    struct json_object *array = read_array(in, name, min, max);
    size_t count = array == NULL ? 0 : json_object_array_length(array);
    *out = arena_array(a, count, sizeof **out);
    for (size_t i = 0; i < count; i++) {
        (*out)[i] = id_of(json_object_array_get_idx(array, i));
        if ((*out)[i] != 0) continue;
        json_wrong(in, name, "ids as decimal strings");
        return 0;
    }
    return count;
}

size_t json_need_ids(json_reader *in, const char *name, size_t max, arena *a, int64_t **out) {
    return read_ids(in, name, 1, max, a, out);
}

size_t json_want_ids(json_reader *in, const char *name, size_t max, arena *a, int64_t **out) {
    return read_ids(in, name, 0, max, a, out);
}

struct json_object *json_want_object(json_reader *in, const char *name) {
    return member(in, name, json_type_object, false, "an object");
}

struct json_object *json_want_array(json_reader *in, const char *name, size_t max) {
    return read_array(in, name, 0, max);
}
