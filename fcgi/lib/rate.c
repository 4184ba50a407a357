// SPDX-License-Identifier: Apache-2.0
// Rates and token buckets. See rate.h.
#include "lib/rate.h"

#include <string.h>

#include "lib/json.h"

bool rate_parse(const char *text, rate *out) {
    *out = (rate){0};
    if (strcmp(text, "off") == 0) return true;
    const char *slash = strchr(text, '/');
    if (slash == NULL) return false;
    int64_t count = number_parse(text, (size_t)(slash - text), 1000000);
    int64_t seconds = number_parse(slash + 1, strlen(slash + 1), 86400);
    if (count < 1 || seconds < 1) return false;
    *out = (rate){.count = (int)count, .seconds = (int)seconds};
    return true;
}

bool bucket_take(bucket *b, const rate *r, int burst, int64_t now_ms, int64_t *retry_ms) {
    if (retry_ms != NULL) *retry_ms = 0;
    if (r->count == 0) return true;
    double size = burst > 0 ? burst : r->count;
    double per_ms = (double)r->count / (1000.0 * r->seconds);
    if (b->at_ms == 0)
        b->tokens = size;
    else if (now_ms > b->at_ms)
        b->tokens += (double)(now_ms - b->at_ms) * per_ms;
    if (b->tokens > size) b->tokens = size;
    b->at_ms = now_ms > 0 ? now_ms : 1;
    if (b->tokens >= 1) {
        b->tokens -= 1;
        return true;
    }
    if (retry_ms != NULL) *retry_ms = (int64_t)((1 - b->tokens) / per_ms) + 1;
    return false;
}
