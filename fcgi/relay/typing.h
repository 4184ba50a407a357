// SPDX-License-Identifier: Apache-2.0
// Typing: who types where, coalesced and told to the other relays by one call each TYPING_MS at most. Never durable, never
// repeated. What was said to be on is said to be off after typing_seconds.
#ifndef PARLEY_RELAY_TYPING_H
#define PARLEY_RELAY_TYPING_H

#include "relay/inside.h"

#define TYPING_MS 100
#define TYPING_MAX 10000 // remembered at a time; beyond, dropped

void typing_start(struct core *c);
void typing_stop(struct core *c);
// Of one who is not known here as a member nothing is kept.
void typing_said(struct session *s, int64_t conversation, bool on);

#endif
