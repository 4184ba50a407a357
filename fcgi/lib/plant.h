// SPDX-License-Identifier: Apache-2.0
// Faults on demand, in sanitized builds only: what proves that the tests see a sanitizer's report. With
// PARLEY_TEST_PLANT=1 in the environment SIGUSR1 writes beyond a block and SIGUSR2 forgets some. Any other
// build has nothing of it.
#ifndef PARLEY_LIB_PLANT_H
#define PARLEY_LIB_PLANT_H

#if defined(__SANITIZE_ADDRESS__)
void plant_arm(void);
#else
static inline void plant_arm(void) {
}
#endif

#endif
