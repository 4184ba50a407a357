// SPDX-License-Identifier: Apache-2.0
// Receipts: `read` and `received`, coalesced: the highest of each account and conversation, written each RECEIPTS_MS by calls
// of RECEIPTS_BATCH at most, committed before anybody is told. A marker goes out when what its session wrote before it is
// settled. A lost connection only delays them: a marker never moves back.
#ifndef PARLEY_RELAY_RECEIPTS_H
#define PARLEY_RELAY_RECEIPTS_H

#include "relay/inside.h"

#define RECEIPTS_MS 200
#define RECEIPTS_BATCH 1000 // 0.1 s of the connection that also renews the lease
#define RECEIPTS_MAX 50000  // that wait; beyond, the client says it again later

void receipts_start(struct core *c);
void receipts_stop(struct core *c);
// A marker of the session's account; 0 = not that one.
void receipts_add(struct session *s, int64_t conversation, int64_t read, int64_t received);
// Writes now, when the relay stops.
void receipts_flush(struct core *c);
bool receipts_idle(const struct core *c);

#endif
