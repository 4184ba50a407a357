// SPDX-License-Identifier: Apache-2.0
// Random numbers that spread load in time. Nothing secret is made of them.
#ifndef PARLEY_RELAY_SPREAD_H
#define PARLEY_RELAY_SPREAD_H

// A whole number from low to high, both included; low when high is not above it.
int spread_between(int low, int high);

#endif
