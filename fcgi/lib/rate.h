// SPDX-License-Identifier: Apache-2.0
// Rates `N/SECONDS` and the token bucket that enforces one in memory. Limits that must survive a
// restart or hold over several processes (login, register, messages) are kept in the database; this
// is for the rest. Pure: the caller brings the time.
#ifndef PARLEY_LIB_RATE_H
#define PARLEY_LIB_RATE_H

#include <stdbool.h>
#include <stdint.h>

typedef struct rate {
    int count;   // 0 = off, no limit
    int seconds; // at least 1 unless off
} rate;

// "off" or N/SECONDS with N 1..1,000,000 and SECONDS 1..86,400; false for all else.
bool rate_parse(const char *text, rate *out);

typedef struct bucket {
    double tokens;
    int64_t at_ms; // 0 = never used: starts full
} bucket;

// Takes one token from a bucket that holds burst at most (0 = the rate's own count) and refills
// evenly. False when it is empty; *retry_ms (may be NULL) then says when the next token is there.
bool bucket_take(bucket *b, const rate *r, int burst, int64_t now_ms, int64_t *retry_ms);

#endif
