// SPDX-License-Identifier: Apache-2.0
// A blocking database connection that comes back by itself. See db.h.
// Every wait has an end: 3 s to connect (connect_timeout), 10 s for an answer; then the connection is dropped.
#include "lib/db.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"

#define ANSWER_MS 10000
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 2000

struct db {
    const config *cfg;
    const char *program;
    const db_call *calls;
    size_t count;
    PGconn *connection; // NULL = none
    int64_t try_at;     // clock_ms of the next try to connect
    int64_t pause_ms;
    enum db_check last; // of the last try
};

db *db_create(const config *cfg, const char *program, const db_call *calls, size_t count) {
    db *d = mem_alloc(sizeof *d);
    *d = (db){.cfg = cfg, .program = program, .calls = calls, .count = count, .last = DB_AWAY};
    return d;
}

static void drop(db *d) {
    PQfinish(d->connection);
    d->connection = NULL;
}

void db_destroy(db *d) {
    if (d == NULL) return;
    drop(d);
    mem_free(d);
}

static void on_notice(void *arg, const char *message) {
    (void)arg;
    log_debug(NULL, "database: %.300s", message);
}

// What libpq says of its last trouble, in one line.
static int trouble_len(const db *d) {
    return (int)strcspn(PQerrorMessage(d->connection), "\n");
}

// --- waiting for an answer ---

// Waits until the socket can be read (or written, when `flushing`); false at the deadline.
static bool wait_socket(PGconn *connection, bool flushing, int64_t deadline) {
    int64_t left;
    while ((left = deadline - clock_ms()) > 0) {
        struct pollfd socket = {.fd = PQsocket(connection),
                                .events = (short)(POLLIN | (flushing ? POLLOUT : 0))};
        int ready = poll(&socket, 1, (int)left);
        if (ready > 0) return true;
        if (ready < 0 && errno != EINTR) return false;
    }
    return false;
}

// Waits until PQgetResult will not block: a result is there or the connection is broken. False at the deadline.
static bool await_ready(PGconn *connection, int64_t deadline) {
    for (;;) {
        int flushing = PQflush(connection);
        if (flushing < 0 || (flushing == 0 && !PQisBusy(connection))) return true;
        if (!wait_socket(connection, flushing == 1, deadline)) return false;
        if (PQconsumeInput(connection) == 0) return true;
    }
}

static bool succeeded(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

// The answer to what was sent; NULL when nothing came in time. An error counts more than a result before it:
// it is that of the commit.
static PGresult *await(PGconn *connection) {
    int64_t deadline = clock_ms() + ANSWER_MS;
    if (!await_ready(connection, deadline)) return NULL;
    PGresult *answer = PQgetResult(connection), *next;
    while (answer != NULL && await_ready(connection, deadline) && (next = PQgetResult(connection)) != NULL) {
        bool better = succeeded(answer) && !succeeded(next);
        PQclear(better ? answer : next);
        if (better) answer = next;
    }
    return answer;
}

static bool usable(const PGconn *connection) {
    return PQstatus(connection) == CONNECTION_OK && PQtransactionStatus(connection) == PQTRANS_IDLE;
}

// --- connecting ---

static enum db_check check(db *d, arena *a) {
    char why[200] = "no answer";
    const char *values[] = {d->program};
    enum db_check verdict = DB_AWAY;
    PGresult *row = NULL;
    if (PQsendQueryParams(d->connection, db_statement(a, &DB_CONNECT_CALL), 1, NULL, values, NULL, NULL, 0))
        row = await(d->connection);
    if (row != NULL && usable(d->connection)) {
        if (succeeded(row))
            verdict = db_check_row(d->cfg, row, why, sizeof why);
        else
            snprintf(why, sizeof why, "common_connect failed (%s): is the schema there?",
                     PQresultErrorField(row, PG_DIAG_SQLSTATE));
    }
    if (verdict != DB_GOOD)
        log_error(NULL, "database %s: %s", verdict == DB_REFUSED ? "refused" : "away", why);
    PQclear(row);
    return verdict;
}

// A call that cannot be prepared means that sql/ is not that of these programs.
static enum db_check prepare(db *d, arena *a) {
    for (size_t i = 0; i < d->count; i++) {
        const char *name = d->calls[i].name;
        PGresult *result = NULL;
        if (PQsendPrepare(d->connection, name, db_statement(a, &d->calls[i]), 0, NULL))
            result = await(d->connection);
        bool good = succeeded(result);
        if (!good && result != NULL) db_log_failure(NULL, name, result);
        PQclear(result);
        if (!good) return usable(d->connection) ? DB_REFUSED : DB_AWAY;
    }
    return DB_GOOD;
}

static enum db_check connect_now(db *d) {
    arena *a = arena_create();
    db_conninfo info = db_conninfo_of(a, d->cfg, d->program);
    d->connection = PQconnectdbParams(info.keywords, info.values, 0);
    enum db_check verdict = DB_AWAY;
    if (PQstatus(d->connection) == CONNECTION_OK) {
        PQsetNoticeProcessor(d->connection, on_notice, NULL);
        PQsetnonblocking(d->connection, 1);
        verdict = check(d, a);
        if (verdict == DB_GOOD) verdict = prepare(d, a);
    } else {
        log_warn(NULL, "database away: %.*s", trouble_len(d), PQerrorMessage(d->connection));
    }
    if (verdict != DB_GOOD) drop(d);
    arena_destroy(a);
    return verdict;
}

enum db_check db_connect(db *d) {
    if (d->connection != NULL) return DB_GOOD;
    if (clock_ms() < d->try_at) return d->last;
    d->last = connect_now(d);
    if (d->last == DB_GOOD) {
        d->pause_ms = 0;
        d->try_at = 0;
        return DB_GOOD;
    }
    d->pause_ms = d->pause_ms == 0 ? PAUSE_FIRST_MS : d->pause_ms * 2;
    if (d->pause_ms > PAUSE_MAX_MS) d->pause_ms = PAUSE_MAX_MS;
    d->try_at = clock_ms() + d->pause_ms;
    return d->last;
}

// --- calling ---

// Reads what the server said while we were idle, which is mostly good-bye: a connection that is dead must be
// found before anything is sent, while the call can still be repeated safely.
static void drop_if_dead(db *d) {
    if (d->connection == NULL) return;
    for (int i = 0; i < 4 && PQstatus(d->connection) == CONNECTION_OK; i++) {
        struct pollfd socket = {.fd = PQsocket(d->connection), .events = POLLIN};
        if (poll(&socket, 1, 0) <= 0) return;
        if (PQconsumeInput(d->connection) == 0) break;
    }
    if (PQstatus(d->connection) == CONNECTION_OK) return;
    drop(d);
}

// After these the prepared statements are not what the database has: begin with a new connection.
static bool statements_stale(const PGresult *result) {
    static const char *const states[] = {"26000", "0A000", "42883"};
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    for (size_t i = 0; state != NULL && i < sizeof states / sizeof states[0]; i++)
        if (strcmp(state, states[i]) == 0) return true;
    return false;
}

PGresult *db_run(db *d, const char *name, const db_params *p, problem *why) {
    drop_if_dead(d);
    if (db_connect(d) != DB_GOOD) {
        problem_set(why, ERROR_UNAVAILABLE, "The database is away.");
        return NULL;
    }
    PGresult *result = NULL;
    if (PQsendQueryPrepared(d->connection, name, p->count, p->values, NULL, NULL, 0))
        result = await(d->connection);
    bool lost = result == NULL || !usable(d->connection);
    if (lost)
        log_warn(NULL, "database lost during %s: %.*s", name, trouble_len(d), PQerrorMessage(d->connection));
    if (lost || statements_stale(result)) drop(d);
    if (succeeded(result)) {
        *why = (problem){0};
        return result;
    }
    problem_from_result(why, result);
    if (result != NULL) db_log_failure(NULL, name, result);
    PQclear(result);
    return NULL;
}
