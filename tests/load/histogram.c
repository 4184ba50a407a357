// SPDX-License-Identifier: Apache-2.0
// A value falls into the row of its highest bit above the lowest six, and there into one of 64 equal steps.

#include "histogram.h"

static void place(uint64_t ns, unsigned *row, unsigned *step) {
    unsigned shift = 0;
    while (ns >> shift >= 2 * HISTOGRAM_STEPS && shift + 1 < HISTOGRAM_POWERS)
        shift++;
    const uint64_t cell = ns >> shift;
    *row = shift + (cell >= HISTOGRAM_STEPS ? 1 : 0);
    *step = (unsigned)(cell % HISTOGRAM_STEPS);
    if (*row >= HISTOGRAM_POWERS) {
        *row = HISTOGRAM_POWERS - 1;
        *step = HISTOGRAM_STEPS - 1;
    }
}

static uint64_t value(unsigned row, unsigned step) {
    return row == 0 ? step : (uint64_t)(HISTOGRAM_STEPS + step) << (row - 1);
}

void histogram_add(histogram *h, uint64_t ns) {
    unsigned row, step;
    place(ns, &row, &step);
    h->cells[row][step]++;
    h->count++;
    if (ns > h->max_ns) h->max_ns = ns;
}

uint64_t histogram_at(const histogram *h, double percent) {
    const double wanted = (double)h->count * percent / 100;
    uint64_t seen = 0;
    for (unsigned row = 0; row < HISTOGRAM_POWERS; row++) {
        for (unsigned step = 0; step < HISTOGRAM_STEPS; step++) {
            seen += h->cells[row][step];
            if (h->cells[row][step] && (double)seen >= wanted) return value(row, step);
        }
    }
    return 0;
}
