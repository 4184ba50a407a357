// SPDX-License-Identifier: Apache-2.0
// Reader: the two connections that read, for hello, catch-up and the hub, and the queue before them.
// What the hub wants goes first, then pages of sessions let in, then hellos, of which READER_HELLOS may wait at most.
// A read that was lost with its connection is made again; one that waits READER_PATIENCE_MS in all ends as PGLOOP_UNSENT, but
// never one of the hub's.
#ifndef PARLEY_RELAY_READER_H
#define PARLEY_RELAY_READER_H

#include "relay/inside.h"

#define READER_CONNECTIONS 2
#define READER_HELLOS 2000
#define READER_PATIENCE_MS 8000

enum reader_class { READER_HUB, READER_PAGE, READER_HELLO, READER_CLASSES };

// One kind of read. Both are called with the arg given to reader_ask; build may be called again after a lost connection, and
// returns false when the read is not wanted any more (then done comes with PGLOOP_UNSENT, result NULL).
struct reader_call {
    const char *name; // of the call, as in core.c's table
    bool (*build)(void *arg, db_params *p);
    void (*done)(void *arg, enum pgloop_fate fate, const PGresult *result);
};

void reader_start(struct core *c);
// Those that wait are told.
void reader_stop(struct core *c);
// False (and no done) when too many hellos wait. done is never called from within.
bool reader_ask(struct core *c, enum reader_class class, const struct reader_call *call, void *arg);
// A connection was refused by the database.
bool reader_refused(const struct core *c);

#endif
