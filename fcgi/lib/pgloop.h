// SPDX-License-Identifier: Apache-2.0
// One libpq connection on a libuv loop, never blocking: connects, checks, prepares, listens, runs queued
// calls one after another, and comes back by itself when lost.
// Invariants: a call's `done` is called exactly once, never from within pgloop_call (pgloop_destroy calls
// those that are left with UNSENT or UNKNOWN); calls start in the order given; notifications are drained
// after every read. The caller may make new calls, but not destroy the pgloop, from within a callback.
// Host names are resolved by libpq, blocking: use a socket directory or hostaddr.
#ifndef PARLEY_LIB_PGLOOP_H
#define PARLEY_LIB_PGLOOP_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "lib/config.h"
#include "lib/db.h"

enum pgloop_fate {
    PGLOOP_DONE,    // result holds the answer
    PGLOOP_FAILED,  // result holds an error: the call was rolled back
    PGLOOP_UNSENT,  // no result: never given to the database
    PGLOOP_UNKNOWN, // no result: given to the database, and lost before the answer
};

// result is freed after the callback returns.
typedef void (*pgloop_done)(void *arg, enum pgloop_fate fate, const PGresult *result);

typedef struct pgloop_options {
    const char *name;    // for the log: "writer 1"
    const config *cfg;   // kept by pointer, as all that follows
    const char *program; // role, as in db.h
    const db_call *calls;
    size_t calls_count;
    const char *listen; // channel (an SQL identifier of [a-z0-9_]), NULL = none
    size_t queue_max;   // calls waiting at most
    int answer_ms;      // no answer for so long: the connection is dropped; 0 = 10,000
    void *arg;          // given to the three below; each may be NULL
    // Connected, checked, prepared and listening. epoch is the database's (borrowed).
    void (*up)(void *arg, const char *epoch);
    void (*down)(void *arg); // lost; every call in flight has been told
    void (*notify)(void *arg, const char *channel, const char *payload, size_t len);
} pgloop_options;

typedef struct pgloop pgloop;

// Starts connecting at once. The loop is kept by pointer. Never NULL.
pgloop *pgloop_create(uv_loop_t *loop, const pgloop_options *options);
// Ends the connection; the memory goes when the loop has closed the handles.
void pgloop_destroy(pgloop *pg);

// Queues a call; p is copied as needed. When it could not be sent within wait_ms (0 = for ever) it ends as
// PGLOOP_UNSENT. False (and no `done`) when queue_max calls wait already.
bool pgloop_call(pgloop *pg, const char *name, const db_params *p, int wait_ms, pgloop_done done, void *arg);

bool pgloop_up(const pgloop *pg);
// Nothing in flight and nothing waiting.
bool pgloop_idle(const pgloop *pg);
size_t pgloop_waiting(const pgloop *pg);
// True when the database was reached and refused (db_check_row): a start should end with EX_UNAVAILABLE.
bool pgloop_refused(const pgloop *pg);
// Drops the connection and makes it anew, for tests and for a listener whose heartbeat did not come back.
void pgloop_reconnect(pgloop *pg);

#endif
