// SPDX-License-Identifier: Apache-2.0
// Numbers, ids, rates and UUIDs as texts: each number has one text.
#include <inttypes.h>
#include <stdio.h>

#include "../fuzz.h"
#include "lib/json.h"
#include "lib/rate.h"
#include "lib/uuid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size), again[64];
    size_t len = strlen(text);
    int64_t number = number_parse(text, len, INT64_MAX), small = number_parse(text, len, 1000);
    snprintf(again, sizeof again, "%" PRId64, number);
    assert(number == -1 || strcmp(again, text) == 0);
    assert(small == (number <= 1000 ? number : -1));
    assert(id_parse(text, len) == (number > 0 ? number : 0));
    rate r;
    if (rate_parse(text, &r)) {
        snprintf(again, sizeof again, "%d/%d", r.count, r.seconds);
        assert(r.count == 0 ? strcmp(text, "off") == 0 : strcmp(again, text) == 0);
    }
    if (uuid_valid(text, len)) assert(len == UUID_TEXT - 1 && strspn(text, "0123456789abcdefABCDEF-") == len);
    free(text);
    return 0;
}
