// SPDX-License-Identifier: Apache-2.0
// Fill: reads for the hub what it wants: all rows of a conversation, or of an account, above what was delivered, in order.
// One read of conversations and one of accounts is on its way at a time; all that is wanted meanwhile goes into the next.
#ifndef PARLEY_RELAY_FILL_H
#define PARLEY_RELAY_FILL_H

#include "relay/inside.h"

void fill_start(struct core *c);
void fill_stop(struct core *c);
// The hub may want something: to be called after it was told anything.
void fill_kick(struct core *c);

#endif
