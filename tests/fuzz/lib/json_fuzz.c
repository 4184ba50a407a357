// SPDX-License-Identifier: Apache-2.0
// The strict scan against json-c: what the scan accepts json-c accepts; what is accepted holds only well-formed texts, and
// is the same again after it was written.
#include <json-c/json.h>

#include "../fuzz.h"
#include "lib/json.h"
#include "lib/json_scan.h"
#include "lib/utf8.h"

#define DEPTH 16

static void texts_are_good(struct json_object *value) {
    switch (json_object_get_type(value)) {
    case json_type_string:
        assert(utf8_valid(json_object_get_string(value), (size_t)json_object_get_string_len(value)));
        break;
    case json_type_array:
        for (size_t i = 0; i < json_object_array_length(value); i++)
            texts_are_good(json_object_array_get_idx(value, i));
        break;
    case json_type_object: {
        json_object_object_foreach(value, key, member) {
            assert(utf8_valid(key, strlen(key)));
            texts_are_good(member);
        }
        break;
    }
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    problem why = {0};
    char *bytes = malloc(size);
    if (size > 0) memcpy(bytes, data, size);
    json_scanned scanned = json_scan(bytes, size, DEPTH);
    struct json_object *value = json_parse(bytes, size, DEPTH, &why);
    free(bytes);
    assert((value == NULL) == (why.code != ERROR_NONE));
    assert(scanned.at <= size);
    if (value == NULL) {
        // Beyond the scan there are two refusals: a repeated key, and null alone.
        assert(scanned.error != NULL || scanned.keys > 1 || size >= 4);
        return 0;
    }
    assert(scanned.error == NULL);
    texts_are_good(value);
    size_t len;
    const char *written = json_object_to_json_string_length(value, JSON_C_TO_STRING_PLAIN, &len);
    struct json_object *again = json_parse(written, len, DEPTH, &why);
    assert(again != NULL && json_object_equal(value, again));
    json_object_put(again);
    json_object_put(value);
    return 0;
}
