// SPDX-License-Identifier: Apache-2.0
// One libpq connection on a libuv loop. See pgloop.h.
// The state says what the connection is doing, and set_state is the only place that changes it:
//   PAUSED → CONNECTING → CHECKING → PREPARING → LISTENING → UP, and from each of them back to PAUSED (lose).
// A trouble found inside pgloop_call or a callback is only noted (`broken`); it is acted on from the loop, so that no
// callback is called from within another.
#include "lib/pgloop.h"

#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "lib/token.h"

#define CONNECT_MS 3000
#define SETUP_MS 10000
#define ANSWER_MS 10000
#define SWEEP_MS 100
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 2000
#define EPOCH_MAX 128

enum state {
    STATE_PAUSED,
    STATE_CONNECTING,
    STATE_CHECKING,
    STATE_PREPARING,
    STATE_LISTENING,
    STATE_UP,
    STATE_CLOSED
};

typedef struct call {
    struct call *next;
    const char *name;
    int64_t until; // clock_ms after which it is not worth sending; 0 = for ever
    pgloop_done done;
    void *arg;
    int count;
    char *values[DB_PARAMS_MAX]; // own copies
} call;

struct pgloop {
    pgloop_options options;
    uv_loop_t *loop;
    arena *arena; // of the connection being made
    enum state state;
    PGconn *connection;
    uv_poll_t *poll; // of `fd`; NULL = none
    int fd;
    int watched;      // events, 0 = stopped
    uv_timer_t pause; // PAUSED: time to connect; while connecting and setting up: the deadline
    uv_timer_t sweep; // runs while calls are waiting or in flight, and once for `broken`
    int open_timers;
    int64_t pause_ms;
    size_t prepared; // calls prepared on this connection
    call *current;   // in flight
    int64_t sent_at;
    PGresult *answer; // to what is in flight, or to a step of setting up
    call *first, *last;
    size_t waiting;
    bool broken; // noted; to be lost from the loop
    bool refused;
    char epoch[EPOCH_MAX];
};

static void go_on(pgloop *pg);
static void start_next(pgloop *pg);

bool pgloop_up(const pgloop *pg) {
    return pg->state == STATE_UP && !pg->broken;
}

bool pgloop_idle(const pgloop *pg) {
    return pg->current == NULL && pg->first == NULL;
}

size_t pgloop_waiting(const pgloop *pg) {
    return pg->waiting;
}

bool pgloop_refused(const pgloop *pg) {
    return pg->refused;
}

// --- the queue ---

static void call_end(call *c, enum pgloop_fate fate, const PGresult *result) {
    c->done(c->arg, fate, result);
    for (int i = 0; i < c->count; i++)
        mem_free(c->values[i]);
    mem_free(c);
}

static call *call_create(const char *name, const db_params *p, int64_t until, pgloop_done done, void *arg) {
    call *c = mem_alloc(sizeof *c);
    *c = (call){.name = name, .until = until, .done = done, .arg = arg, .count = p->count};
    for (int i = 0; i < p->count; i++)
        if (p->values[i] != NULL) c->values[i] = mem_text(p->values[i]);
    return c;
}

static void push(pgloop *pg, call *c) {
    if (pg->last == NULL)
        pg->first = c;
    else
        pg->last->next = c;
    pg->last = c;
    pg->waiting++;
}

static call *pop(pgloop *pg) {
    call *c = pg->first;
    pg->first = c->next;
    if (pg->first == NULL) pg->last = NULL;
    pg->waiting--;
    c->next = NULL;
    return c;
}

// Unlinks what waited too long and returns it as a list.
static call *take_late(pgloop *pg, int64_t now) {
    call *late = NULL, **end = &late, *c, *kept = pg->first;
    pg->first = pg->last = NULL;
    pg->waiting = 0;
    while ((c = kept) != NULL) {
        kept = c->next;
        c->next = NULL;
        if (c->until == 0 || c->until > now) {
            push(pg, c);
            continue;
        }
        *end = c;
        end = &c->next;
    }
    return late;
}

static void end_all(call *list, enum pgloop_fate fate) {
    while (list != NULL) {
        call *next = list->next;
        call_end(list, fate, NULL);
        list = next;
    }
}

// --- the socket ---

static void free_handle(uv_handle_t *handle) {
    mem_free(handle);
}

static void unwatch(pgloop *pg) {
    if (pg->poll == NULL) return;
    uv_poll_stop(pg->poll);
    uv_close((uv_handle_t *)pg->poll, free_handle);
    pg->poll = NULL;
}

static void on_socket(uv_poll_t *handle, int status, int events);

// Watches the connection's socket, which libpq may have replaced since.
static void watch(pgloop *pg, int events) {
    int fd = PQsocket(pg->connection);
    if (pg->poll == NULL || pg->fd != fd) {
        unwatch(pg);
        pg->poll = mem_alloc(sizeof *pg->poll);
        if (uv_poll_init(pg->loop, pg->poll, fd) != 0) {
            mem_free(pg->poll);
            pg->poll = NULL;
            pg->broken = true;
            return;
        }
        pg->poll->data = pg;
        pg->fd = fd;
        pg->watched = 0;
    }
    if (pg->watched == events) return; // each uv_poll_start costs two system calls
    pg->watched = events;
    if (uv_poll_start(pg->poll, events, on_socket) != 0) pg->broken = true;
}

// Sends what libpq has buffered, and asks for what is then to be waited for.
static void flush(pgloop *pg) {
    int left = PQflush(pg->connection);
    if (left < 0)
        pg->broken = true;
    else
        watch(pg, UV_READABLE | (left == 1 ? UV_WRITABLE : 0));
}

// --- timers ---

static void on_pause(uv_timer_t *timer);
static void on_sweep(uv_timer_t *timer);

static void sweep_soon(pgloop *pg, uint64_t ms) {
    if (!uv_is_active((uv_handle_t *)&pg->sweep) || ms == 0)
        uv_timer_start(&pg->sweep, on_sweep, ms, SWEEP_MS);
}

static void note_broken(pgloop *pg) {
    pg->broken = true;
    sweep_soon(pg, 0);
}

// --- losing a connection ---

static void set_state(pgloop *pg, enum state state) {
    pg->state = state;
}

static int64_t next_pause(pgloop *pg) {
    uint8_t random;
    pg->pause_ms = pg->pause_ms == 0 ? PAUSE_FIRST_MS : pg->pause_ms * 2;
    if (pg->pause_ms > PAUSE_MAX_MS) pg->pause_ms = PAUSE_MAX_MS;
    token_bytes(&random, 1);
    return pg->pause_ms / 2 + pg->pause_ms * random / 512;
}

static void disconnect(pgloop *pg) {
    unwatch(pg);
    PQclear(pg->answer);
    pg->answer = NULL;
    PQfinish(pg->connection);
    pg->connection = NULL;
    arena_reset(pg->arena);
    pg->broken = false;
}

// Ends the connection, tells the call in flight and the owner, and arms the next try.
static void lose(pgloop *pg, const char *why) {
    bool was_up = pg->state == STATE_UP;
    call *lost = pg->current;
    log_warn(NULL, "%s: database connection %s: %.*s", pg->options.name, was_up ? "lost" : "failed",
             (int)strcspn(why, "\n"), why);
    disconnect(pg);
    set_state(pg, STATE_PAUSED);
    uv_timer_start(&pg->pause, on_pause, (uint64_t)next_pause(pg), 0);
    pg->current = NULL;
    if (lost != NULL) call_end(lost, PGLOOP_UNKNOWN, NULL);
    if (was_up && pg->options.down != NULL) pg->options.down(pg->options.arg);
}

static const char *trouble(const pgloop *pg) {
    const char *text = PQerrorMessage(pg->connection);
    return text[0] == '\0' ? "closed" : text;
}

// --- connecting and setting up ---

static void on_notice(void *arg, const char *message) {
    const pgloop *pg = arg;
    log_debug(NULL, "%s: database: %.300s", pg->options.name, message);
}

static void connect_step(pgloop *pg) {
    PostgresPollingStatusType status = PQconnectPoll(pg->connection);
    switch (status) {
    case PGRES_POLLING_READING:
        watch(pg, UV_READABLE);
        break;
    case PGRES_POLLING_WRITING:
        watch(pg, UV_WRITABLE);
        break;
    case PGRES_POLLING_OK:
        go_on(pg);
        break;
    default:
        pg->broken = true;
        break;
    }
}

static void connect_start(pgloop *pg) {
    db_conninfo info = db_conninfo_of(pg->arena, pg->options.cfg, pg->options.program);
    set_state(pg, STATE_CONNECTING);
    uv_timer_start(&pg->pause, on_pause, CONNECT_MS, 0);
    pg->connection = PQconnectStartParams(info.keywords, info.values, 0);
    if (pg->connection == NULL || PQstatus(pg->connection) == CONNECTION_BAD) {
        lose(pg, pg->connection == NULL ? "no memory" : trouble(pg));
        return;
    }
    PQsetNoticeProcessor(pg->connection, on_notice, pg);
    watch(pg, UV_WRITABLE);
    if (pg->broken) lose(pg, "its socket cannot be watched");
}

static bool send_check(pgloop *pg) {
    const char *values[] = {pg->options.program};
    uv_timer_start(&pg->pause, on_pause, SETUP_MS, 0);
    PQsetnonblocking(pg->connection, 1);
    return PQsendQueryParams(pg->connection, db_statement(pg->arena, &DB_CONNECT_CALL), 1, NULL, values, NULL,
                             NULL, 0);
}

static bool send_prepare(pgloop *pg) {
    const db_call *c = &pg->options.calls[pg->prepared];
    return PQsendPrepare(pg->connection, c->name, db_statement(pg->arena, c), 0, NULL);
}

static bool send_listen(pgloop *pg) {
    return PQsendQuery(pg->connection, arena_printf(pg->arena, "LISTEN \"%s\"", pg->options.listen));
}

static void become_up(pgloop *pg) {
    set_state(pg, STATE_UP);
    uv_timer_stop(&pg->pause);
    pg->pause_ms = 0;
    pg->refused = false;
    arena_reset(pg->arena);
    log_info(NULL, "%s: database connected", pg->options.name);
    if (pg->options.up != NULL) pg->options.up(pg->options.arg, pg->epoch);
    start_next(pg);
}

// Takes the next step of setting up, when the one before has been answered well.
static void go_on(pgloop *pg) {
    bool sent = true;
    if (pg->state == STATE_CONNECTING) {
        set_state(pg, STATE_CHECKING);
        pg->prepared = 0;
        sent = send_check(pg);
    } else if (pg->prepared < pg->options.calls_count) {
        set_state(pg, STATE_PREPARING);
        sent = send_prepare(pg);
    } else if (pg->options.listen != NULL && pg->state != STATE_LISTENING) {
        set_state(pg, STATE_LISTENING);
        sent = send_listen(pg);
    } else {
        become_up(pg);
        return;
    }
    if (sent)
        flush(pg);
    else
        pg->broken = true;
}

// --- answers ---

static bool is_error(const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    return status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK;
}

// FATAL ends the session: whether the commit came before it is not said. No SQLSTATE: made by libpq.
static bool fate_unknown(const PGresult *error) {
    const char *severity = PQresultErrorField(error, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity == NULL || strcmp(severity, "ERROR") != 0;
}

static void setup_refused(pgloop *pg, const char *why) {
    pg->refused = true;
    pg->pause_ms = PAUSE_MAX_MS; // somebody must mend it: no hurry
    log_error(NULL, "%s: database refused: %s", pg->options.name, why);
    pg->broken = true;
}

static void setup_answered(pgloop *pg, const PGresult *answer) {
    char why[200];
    if (is_error(answer)) {
        bool step = pg->state == STATE_PREPARING;
        db_log_failure(NULL, step ? pg->options.calls[pg->prepared].name : "setting up", answer);
        if (fate_unknown(answer))
            pg->broken = true;
        else
            setup_refused(pg, "a function is missing or not granted: is sql/ that of these programs?");
        return;
    }
    if (pg->state == STATE_CHECKING) {
        if (db_check_row(pg->options.cfg, answer, why, sizeof why) != DB_GOOD) {
            setup_refused(pg, why);
            return;
        }
        const char *epoch = db_field(answer, "epoch");
        snprintf(pg->epoch, sizeof pg->epoch, "%s", epoch == NULL ? "" : epoch);
    }
    if (pg->state == STATE_PREPARING) pg->prepared++;
    go_on(pg);
}

static void call_answered(pgloop *pg, const PGresult *answer) {
    call *c = pg->current;
    bool error = is_error(answer);
    if (error && fate_unknown(answer)) {
        pg->broken = true; // lose() tells it
        return;
    }
    pg->current = NULL;
    if (error) db_log_failure(NULL, c->name, answer);
    call_end(c, error ? PGLOOP_FAILED : PGLOOP_DONE, answer);
    if (!pg->broken) start_next(pg);
}

// All results of what was sent are there: acts on the one that was kept.
static void answered(pgloop *pg) {
    PGresult *answer = pg->answer;
    pg->answer = NULL;
    if (pg->state == STATE_UP && pg->current != NULL)
        call_answered(pg, answer);
    else if (pg->state > STATE_CONNECTING && pg->state < STATE_UP)
        setup_answered(pg, answer);
    PQclear(answer);
}

// Keeps the first error, else the first result: an error after a good result is that of the commit.
static void keep_result(pgloop *pg, PGresult *result) {
    if (pg->answer == NULL || (is_error(result) && !is_error(pg->answer))) {
        PQclear(pg->answer);
        pg->answer = result;
    } else {
        PQclear(result);
    }
}

static bool expecting(const pgloop *pg) {
    return pg->current != NULL || (pg->state > STATE_CONNECTING && pg->state < STATE_UP);
}

static void take_results(pgloop *pg) {
    while (!pg->broken && expecting(pg) && !PQisBusy(pg->connection)) {
        PGresult *result = PQgetResult(pg->connection);
        if (result != NULL)
            keep_result(pg, result);
        else if (pg->answer != NULL)
            answered(pg);
        else
            break;
    }
}

static void take_notifications(pgloop *pg) {
    PGnotify *n;
    while (!pg->broken && (n = PQnotifies(pg->connection)) != NULL) {
        if (pg->options.notify != NULL)
            pg->options.notify(pg->options.arg, n->relname, n->extra, strlen(n->extra));
        PQfreemem(n);
    }
}

static void on_socket(uv_poll_t *handle, int status, int events) {
    pgloop *pg = handle->data;
    if (pg->state == STATE_CONNECTING) {
        uv_poll_stop(handle); // libpq may close and replace the socket
        pg->watched = 0;
        connect_step(pg);
    } else if (status < 0) {
        pg->broken = true;
    } else {
        if (events & UV_READABLE && PQconsumeInput(pg->connection) == 0) pg->broken = true;
        take_notifications(pg);
        take_results(pg);
        take_notifications(pg);
        if (!pg->broken && pg->state > STATE_CONNECTING) flush(pg);
    }
    if (pg->broken) lose(pg, trouble(pg));
}

// --- running calls ---

static bool send_call(pgloop *pg, const char *name, const char *const *values, int count) {
    if (!PQsendQueryPrepared(pg->connection, name, count, values, NULL, NULL, 0)) return false;
    flush(pg);
    return true;
}

static void start_next(pgloop *pg) {
    if (!pgloop_up(pg) || pg->current != NULL || pg->first == NULL) return;
    call *c = pop(pg);
    pg->current = c;
    pg->sent_at = clock_ms();
    if (!send_call(pg, c->name, (const char *const *)c->values, c->count) || pg->broken) note_broken(pg);
    sweep_soon(pg, SWEEP_MS);
}

bool pgloop_call(pgloop *pg, const char *name, const db_params *p, int wait_ms, pgloop_done done, void *arg) {
    if (pg->state == STATE_CLOSED || pg->waiting >= pg->options.queue_max) return false;
    push(pg, call_create(name, p, wait_ms == 0 ? 0 : clock_ms() + wait_ms, done, arg));
    start_next(pg);
    sweep_soon(pg, SWEEP_MS);
    return true;
}

// --- timers' work ---

static void on_sweep(uv_timer_t *timer) {
    pgloop *pg = timer->data;
    int64_t now = clock_ms();
    int64_t answer_ms = pg->options.answer_ms > 0 ? pg->options.answer_ms : ANSWER_MS;
    if (pg->broken && pg->connection != NULL)
        lose(pg, trouble(pg));
    else if (pg->current != NULL && now - pg->sent_at > answer_ms)
        lose(pg, "no answer in time");
    end_all(take_late(pg, now), PGLOOP_UNSENT);
    if (pgloop_idle(pg) && !pg->broken) uv_timer_stop(&pg->sweep);
}

static void on_pause(uv_timer_t *timer) {
    pgloop *pg = timer->data;
    if (pg->state == STATE_PAUSED)
        connect_start(pg);
    else if (pg->state != STATE_UP)
        lose(pg, "not ready in time");
}

// --- life ---

pgloop *pgloop_create(uv_loop_t *loop, const pgloop_options *options) {
    pgloop *pg = mem_alloc(sizeof *pg);
    pg->options = *options;
    pg->loop = loop;
    pg->arena = arena_create();
    uv_timer_init(loop, &pg->pause);
    uv_timer_init(loop, &pg->sweep);
    pg->pause.data = pg->sweep.data = pg;
    pg->open_timers = 2;
    set_state(pg, STATE_PAUSED);
    uv_timer_start(&pg->pause, on_pause, 0, 0);
    return pg;
}

static void on_timer_closed(uv_handle_t *handle) {
    pgloop *pg = handle->data;
    if (--pg->open_timers > 0) return;
    arena_destroy(pg->arena);
    mem_free(pg);
}

void pgloop_destroy(pgloop *pg) {
    call *current = pg->current, *waiting = pg->first;
    set_state(pg, STATE_CLOSED);
    pg->current = pg->first = pg->last = NULL;
    pg->waiting = 0;
    if (pg->connection != NULL) disconnect(pg);
    uv_close((uv_handle_t *)&pg->pause, on_timer_closed);
    uv_close((uv_handle_t *)&pg->sweep, on_timer_closed);
    if (current != NULL) call_end(current, PGLOOP_UNKNOWN, NULL);
    end_all(waiting, PGLOOP_UNSENT);
}

void pgloop_reconnect(pgloop *pg) {
    if (pg->connection != NULL) note_broken(pg);
}
