// SPDX-License-Identifier: Apache-2.0
#include "relay/spread.h"

#include <sodium.h>

int spread_between(int low, int high) {
    return high > low ? low + (int)randombytes_uniform((uint32_t)(high - low) + 1) : low;
}
