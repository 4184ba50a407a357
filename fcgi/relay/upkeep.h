// SPDX-License-Identifier: Apache-2.0
// Upkeep: what nobody waits for, over the keeper's connection. The login sessions of this relay are asked for in turn, so that
// one that expired, or whose end was told to nobody, does not live on here; and old rows are pruned for all.
#ifndef PARLEY_RELAY_UPKEEP_H
#define PARLEY_RELAY_UPKEEP_H

#include "relay/inside.h"

#define UPKEEP_MS 5000       // between two calls of api.live_sessions
#define UPKEEP_SESSIONS 1000 // in one
#define UPKEEP_PRUNE_MS 60000
#define UPKEEP_PRUNE_ON_MS 1000 // when there was more than one call prunes

void upkeep_start(struct core *c);
void upkeep_stop(struct core *c);

#endif
