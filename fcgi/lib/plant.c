// SPDX-License-Identifier: Apache-2.0
// The planted faults. See plant.h. A signal's handler is where they grow, so that no other code knows of them.
#include "lib/plant.h"

#if defined(__SANITIZE_ADDRESS__)

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 24
#define BLOCKS 16

static char *volatile block; // the last one made: what came before it is known to nobody

static void planted_overflow(int signal_number) {
    (void)signal_number;
    block = malloc(BLOCK);
    for (volatile size_t i = 0; i <= BLOCK; i++)
        block[i] = 'x';
}

static void planted_leak(int signal_number) {
    (void)signal_number;
    for (int i = 0; i < BLOCKS; i++)
        block = malloc(BLOCK);
}

void plant_arm(void) {
    const char *wanted = getenv("PARLEY_TEST_PLANT");
    if (wanted == NULL || strcmp(wanted, "1") != 0) return;
    sigaction(SIGUSR1, &(struct sigaction){.sa_handler = planted_overflow}, NULL);
    sigaction(SIGUSR2, &(struct sigaction){.sa_handler = planted_leak}, NULL);
}

#else
typedef int plant_nothing; // a translation unit is not empty
#endif
