// SPDX-License-Identifier: Apache-2.0
// The reading connections; see reader.h.
#include "relay/reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"

#define SWEEP_MS 1000

static const db_call CALLS[] = {
    {"live_hello", "bytea[]"},
    {"live_account_changes", "bigint[] bigint[] integer integer"},
    {"live_changes", "bigint bigint[] bigint[] integer integer integer"},
    {"live_markers", "bigint[] integer[] integer integer integer"},
    {"live_member", "bigint bigint"},
};

struct request {
    const struct reader_call *call;
    void *arg;
    enum reader_class class;
    bool alone; // it failed together with others
    int64_t asked_ms;
    struct request *next;
};

struct queue {
    struct request *first, *last;
    size_t count;
};

struct lane {
    struct reader *reader;
    pgloop *pg;
    char name[24];
    struct request *now[READER_SHARE]; // of one kind
    size_t count;
};

struct reader {
    struct core *core;
    struct queue queues[READER_CLASSES];
    struct lane lanes[READER_CONNECTIONS];
    uv_timer_t sweep;
    bool dealing; // answers or requests are being handed out
    bool stopping;
};

static void push(struct queue *q, struct request *r) {
    r->next = NULL;
    if (q->last) {
        q->last->next = r;
    } else {
        q->first = r;
    }
    q->last = r;
    q->count++;
}

static void push_front(struct queue *q, struct request *r) {
    r->next = q->first;
    q->first = r;
    if (!q->last) q->last = r;
    q->count++;
}

static struct request *pop(struct queue *q) {
    struct request *r = q->first;
    if (!r) return NULL;
    q->first = r->next;
    if (!q->first) q->last = NULL;
    q->count--;
    return r;
}

static void finish(struct request *r, const struct reply *reply) {
    struct request done = *r;
    mem_free(r);
    done.call->done(done.arg, reply);
}

static void finish_unsent(struct request *r) {
    finish(r, &(struct reply){.fate = PGLOOP_UNSENT});
}

static void dispatch(struct reader *rd);

// Back to the front, in the order they had.
static void put_back(struct lane *lane) {
    while (lane->count > 0) {
        struct request *r = lane->now[--lane->count];
        push_front(&lane->reader->queues[r->class], r);
    }
}

// Each gets its rows, or the bad news.
static void hand_out(struct lane *lane, enum pgloop_fate fate, const PGresult *result) {
    struct request *now[READER_SHARE];
    size_t n = lane->count;
    int rows = result ? PQntuples(result) : 0;
    int at = 0;
    memcpy(now, lane->now, n * sizeof now[0]);
    lane->count = 0;
    lane->reader->dealing = true;
    for (size_t i = 0; i < n; i++) {
        struct reply reply = {.fate = fate, .result = result, .first = at, .end = rows};
        if (now[i]->call->share > 1) {
            while (at < rows && strtoul(PQgetvalue(result, at, 0), NULL, 10) == i + 1)
                at++;
            reply.end = at;
        }
        finish(now[i], &reply);
    }
    lane->reader->dealing = false;
}

static void answered(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct lane *lane = arg;
    struct reader *rd = lane->reader;
    bool lost = fate == PGLOOP_UNSENT || fate == PGLOOP_UNKNOWN;
    bool failed_together = fate == PGLOOP_FAILED && lane->count > 1;
    for (size_t i = 0; failed_together && i < lane->count; i++)
        lane->now[i]->alone = true;
    if ((lost || failed_together) && !rd->stopping) {
        put_back(lane);
    } else {
        hand_out(lane, fate, result);
    }
    if (!rd->stopping) dispatch(rd);
}

static struct request *next_request(struct reader *rd) {
    for (int class = 0; class < READER_CLASSES; class ++) {
        struct request *r = pop(&rd->queues[class]);
        if (r) return r;
    }
    return NULL;
}

static void admit(struct lane *lane, struct request *r) {
    if (r->call->wanted(r->arg)) {
        lane->now[lane->count++] = r;
    } else {
        finish_unsent(r);
    }
}

// The first that waits, and of those right behind it the ones that may share its call.
static void take_requests(struct lane *lane) {
    for (struct request *r; lane->count == 0 && (r = next_request(lane->reader));)
        admit(lane, r);
    if (lane->count == 0 || lane->now[0]->alone) return;
    const struct reader_call *call = lane->now[0]->call;
    struct queue *q = &lane->reader->queues[lane->now[0]->class];
    while (lane->count < call->share && q->first && q->first->call == call && !q->first->alone)
        admit(lane, pop(q));
}

// Gives what waits to an idle connection.
static void start(struct lane *lane) {
    void *args[READER_SHARE];
    take_requests(lane);
    if (lane->count == 0) return;
    const struct reader_call *call = lane->now[0]->call;
    for (size_t i = 0; i < lane->count; i++)
        args[i] = lane->now[i]->arg;
    arena_reset(lane->reader->core->scratch);
    db_params p = db_params_new(lane->reader->core->scratch);
    call->build(args, lane->count, &p);
    if (!pgloop_call(lane->pg, call->name, &p, 0, answered, lane)) put_back(lane);
}

// What is asked for meanwhile waits: it finds company, and no lane is filled twice.
static void dispatch(struct reader *rd) {
    if (rd->dealing) return;
    rd->dealing = true;
    for (int i = 0; i < READER_CONNECTIONS; i++) {
        struct lane *lane = &rd->lanes[i];
        if (lane->pg && pgloop_up(lane->pg) && lane->count == 0) start(lane);
    }
    rd->dealing = false;
}

// Those that wait too long are told. The hub's reads wait for ever: nobody waits for their answer.
static void sweep(uv_timer_t *timer) {
    struct reader *rd = timer->data;
    int64_t late = clock_ms() - READER_PATIENCE_MS;
    for (int class = READER_PAGE; class < READER_CLASSES; class ++) {
        while (rd->queues[class].first && rd->queues[class].first->asked_ms < late) {
            finish_unsent(pop(&rd->queues[class]));
        }
    }
}

static void up(void *arg, const char *epoch) {
    struct lane *lane = arg;
    core_epoch(lane->reader->core, epoch);
    dispatch(lane->reader);
}

void reader_start(struct core *c) {
    struct reader *rd = mem_alloc(sizeof *rd);
    rd->core = c;
    c->reader = rd;
    uv_timer_init(c->relay->loop, &rd->sweep);
    rd->sweep.data = rd;
    uv_timer_start(&rd->sweep, sweep, SWEEP_MS, SWEEP_MS);
    for (int i = 0; i < READER_CONNECTIONS; i++) {
        struct lane *lane = &rd->lanes[i];
        lane->reader = rd;
        snprintf(lane->name, sizeof lane->name, "reader %d", i + 1);
        lane->pg =
            pgloop_create(c->relay->loop, &(pgloop_options){.name = lane->name,
                                                            .cfg = c->relay->cfg,
                                                            .program = RELAY_PROGRAM,
                                                            .calls = CALLS,
                                                            .calls_count = sizeof CALLS / sizeof CALLS[0],
                                                            .queue_max = 1,
                                                            .arg = lane,
                                                            .up = up});
    }
}

static void closed(uv_handle_t *handle) {
    mem_free(handle->data);
}

void reader_stop(struct core *c) {
    struct reader *rd = c->reader;
    if (!rd) return;
    rd->stopping = true;
    for (int i = 0; i < READER_CONNECTIONS; i++)
        pgloop_destroy(rd->lanes[i].pg);
    for (int class = 0; class < READER_CLASSES; class ++) {
        struct request *r;
        while ((r = pop(&rd->queues[class])))
            finish_unsent(r);
    }
    c->reader = NULL;
    uv_close((uv_handle_t *)&rd->sweep, closed);
}

bool reader_ask(struct core *c, enum reader_class class, const struct reader_call *call, void *arg) {
    struct reader *rd = c->reader;
    if (!rd || (class == READER_HELLO && rd->queues[class].count >= READER_HELLOS)) return false;
    struct request *r = mem_alloc(sizeof *r);
    *r = (struct request){.call = call, .arg = arg, .class = class, .asked_ms = clock_ms()};
    push(&rd->queues[class], r);
    dispatch(rd);
    return true;
}

bool reader_refused(const struct core *c) {
    for (int i = 0; c->reader && i < READER_CONNECTIONS; i++) {
        if (pgloop_refused(c->reader->lanes[i].pg)) return true;
    }
    return false;
}

const char *reply_field(const struct reply *reply, const char *column) {
    int number = PQfnumber(reply->result, column);
    if (number < 0 || reply->first >= reply->end || PQgetisnull(reply->result, reply->first, number))
        return NULL;
    return PQgetvalue(reply->result, reply->first, number);
}
