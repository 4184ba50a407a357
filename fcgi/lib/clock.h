// SPDX-License-Identifier: Apache-2.0
// Clocks. Time that means something to people or to other hosts is the database's; here is time to
// measure waits by. All in milliseconds; never negative; never goes back (clock_wall_ms excepted).
#ifndef PARLEY_LIB_CLOCK_H
#define PARLEY_LIB_CLOCK_H

#include <stddef.h>
#include <stdint.h>

// CLOCK_MONOTONIC: stands still while the machine sleeps. For timers.
int64_t clock_ms(void);
// The same in microseconds.
int64_t clock_us(void);
// CLOCK_BOOTTIME: goes on while the machine sleeps. For leases.
int64_t clock_boot_ms(void);
// CLOCK_REALTIME since 1970: for log lines and cookie dates only.
int64_t clock_wall_ms(void);

#define CLOCK_TEXT 25 // "2026-11-24T02:10:07.123Z" with the NUL
// RFC 3339, UTC, milliseconds.
void clock_format(int64_t wall_ms, char out[CLOCK_TEXT]);
void clock_sleep_ms(int64_t ms);

#endif
