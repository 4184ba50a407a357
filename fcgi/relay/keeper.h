// SPDX-License-Identifier: Apache-2.0
// Keeper: the one database connection shared by lease, presence, receipts and upkeep; its table of calls, its ups and downs.
#ifndef PARLEY_RELAY_KEEPER_H
#define PARLEY_RELAY_KEEPER_H

#include "relay/relay.h"

// Makes relay->keeper.
void keeper_start(struct relay *r);
void keeper_stop(struct relay *r);

#endif
