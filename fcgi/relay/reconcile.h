// SPDX-License-Identifier: Apache-2.0
// Reconciliation: once a second the hints of all transactions that ended since the last look go through the same hands as
// notifications do. With every notification lost the relay stays correct and gets slower.
// Who was away for as long as hints are kept, or finds too many of them, compares everything it serves.
#ifndef PARLEY_RELAY_RECONCILE_H
#define PARLEY_RELAY_RECONCILE_H

#include "relay/inside.h"

#define RECONCILE_MS 1000
#define RECONCILE_MOST 20000     // hints in one look
#define RECONCILE_KEPT_MS 540000 // hints are kept for ten minutes; one less to be sure

void reconcile_start(struct core *c);
void reconcile_stop(struct core *c);
// Looks now: the listener's connection has come back.
void reconcile_now(struct core *c);
// Another database: where it was means nothing any more.
void reconcile_forget(struct core *c);

#endif
