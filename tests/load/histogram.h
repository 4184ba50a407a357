// SPDX-License-Identifier: Apache-2.0
// Log-linear histogram of durations: 64 steps a power of two, so a percentile is exact to 1.6 %.
#ifndef PARLEY_LOAD_HISTOGRAM_H
#define PARLEY_LOAD_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_STEPS 64
#define HISTOGRAM_POWERS 40

typedef struct histogram {
    uint64_t count;
    uint64_t max_ns;
    uint64_t cells[HISTOGRAM_POWERS][HISTOGRAM_STEPS];
} histogram;

void histogram_add(histogram *h, uint64_t ns);
// The duration that `percent` (0–100) of all do not exceed, in nanoseconds; 0 when there is none.
uint64_t histogram_at(const histogram *h, double percent);

#endif
