// SPDX-License-Identifier: Apache-2.0
// Clocks. See clock.h.
#include "lib/clock.h"

#include <stdio.h>
#include <time.h>

static int64_t read_us(clockid_t which) {
    struct timespec now;
    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t clock_ms(void) {
    return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_us(void) {
    return read_us(CLOCK_MONOTONIC);
}

int64_t clock_boot_ms(void) {
    return read_us(CLOCK_BOOTTIME) / 1000;
}

int64_t clock_wall_ms(void) {
    return read_us(CLOCK_REALTIME) / 1000;
}

void clock_format(int64_t wall_ms, char out[CLOCK_TEXT]) {
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    char day[20] = "";
    gmtime_r(&seconds, &utc);
    strftime(day, sizeof day, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(out, CLOCK_TEXT, "%s.%03uZ", day, (unsigned)(wall_ms % 1000) % 1000);
}

void clock_sleep_ms(int64_t ms) {
    struct timespec wait = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
    nanosleep(&wait, NULL);
}
