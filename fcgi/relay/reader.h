// SPDX-License-Identifier: Apache-2.0
// Reader: the two connections that read, for hello, catch-up and the hub, and the queue before them.
// What the hub wants goes first, then pages of sessions let in, then hellos, of which READER_HELLOS may wait at most; last
// what nobody waits for, the markers after `ready`.
// Reads of one kind that wait together share a call where the kind allows it: a storm of hellos costs a fraction of one each.
// A read that was lost with its connection is made again, one that failed together with others alone; one that waits
// READER_PATIENCE_MS in all ends as PGLOOP_UNSENT, but never one of the hub's.
#ifndef PARLEY_RELAY_READER_H
#define PARLEY_RELAY_READER_H

#include "relay/inside.h"

#define READER_CONNECTIONS 2
#define READER_HELLOS 20000 // as many as a relay has connections
#define READER_SHARE 32
#define READER_PATIENCE_MS 8000

enum reader_class { READER_HUB, READER_PAGE, READER_HELLO, READER_LAST, READER_CLASSES };

// What came of a read. Rows first … end-1 of the result are its own.
struct reply {
    enum pgloop_fate fate;
    const PGresult *result;
    int first, end;
};

// One kind of read. `arg` is what was given to reader_ask.
struct reader_call {
    const char *name; // of the call, as in reader.c's table
    // How many reads may share one call, READER_SHARE at most; 1 = each its own. Where several may, the answer's first column
    // says whose a row is, from 1, ascending.
    size_t share;
    // False when the read is not wanted any more: done comes with PGLOOP_UNSENT, result NULL. Asked again after a lost connection.
    bool (*wanted)(void *arg);
    // The parameters of n wanted reads, one if not shared.
    void (*build)(void *const *args, size_t n, db_params *p);
    void (*done)(void *arg, const struct reply *reply);
};

// Column of a reply's first row, borrowed; NULL when it has no row or the field is SQL NULL.
const char *reply_field(const struct reply *reply, const char *column);

void reader_start(struct core *c);
// Those that wait are told.
void reader_stop(struct core *c);
// False (and no done) when too many hellos wait. done is never called from within.
bool reader_ask(struct core *c, enum reader_class class, const struct reader_call *call, void *arg);
// A connection was refused by the database.
bool reader_refused(const struct core *c);

#endif
