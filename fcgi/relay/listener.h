// SPDX-License-Identifier: Apache-2.0
// Listener: the connection that LISTENs, and what is done with each line it hears. Reconciliation and its own heartbeat go over
// the same connection, always as single statements: a listener that sits in a transaction would pin the queue of all.
// A notification is a hint: a line may come twice, late or never (notice.h).
//
// PARLEY_TEST_DROP_NOTIFY=1 with allow_unsafe_database makes it deaf, so that tests show that reconciliation alone suffices.
#ifndef PARLEY_RELAY_LISTENER_H
#define PARLEY_RELAY_LISTENER_H

#include "relay/inside.h"

#define LISTENER_BEAT_MS 5000
#define LISTENER_DEAF_MS 15000 // without a beat of its own: connect anew

void listener_start(struct core *c);
void listener_stop(struct core *c);
// Lines, from wherever they came.
void listener_lines(struct core *c, const char *text, size_t len);
// Connects anew, and thereby asks for the epoch.
void listener_renew(struct core *c);
// Another database: what was told of markers means nothing any more.
void listener_forget(struct core *c);
pgloop *listener_connection(const struct core *c);
bool listener_refused(const struct core *c);

#endif
