// SPDX-License-Identifier: Apache-2.0
// Limits: how many messages an account may send through this relay (message_rate_limit), whichever session sends them. What an
// account used outlives its sessions until it would be full again, so that connecting anew gives nothing.
#ifndef PARLEY_RELAY_LIMITS_H
#define PARLEY_RELAY_LIMITS_H

#include "relay/inside.h"

void limits_start(struct core *c);
void limits_stop(struct core *c);
// Takes one message. False when there is none left: *retry_ms says when there is.
bool limits_message(struct core *c, int64_t account, int64_t *retry_ms);

#endif
