// SPDX-License-Identifier: Apache-2.0
// The reading connections; see reader.h.
#include "relay/reader.h"

#include <stdio.h>

#include "lib/clock.h"
#include "lib/mem.h"

#define SWEEP_MS 1000

static const db_call CALLS[] = {
    {"live_hello", "bytea integer"},
    {"live_account_changes", "bigint[] bigint[] integer integer"},
    {"live_changes", "bigint bigint[] bigint[] integer integer integer"},
    {"live_markers", "bigint integer integer integer integer"},
    {"live_member", "bigint bigint"},
};

struct request {
    const struct reader_call *call;
    void *arg;
    enum reader_class class;
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
    struct request *now;
};

struct reader {
    struct core *core;
    struct queue queues[READER_CLASSES];
    struct lane lanes[READER_CONNECTIONS];
    uv_timer_t sweep;
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

static void finish(struct request *r, enum pgloop_fate fate, const PGresult *result) {
    struct request done = *r;
    mem_free(r);
    done.call->done(done.arg, fate, result);
}

static struct request *next_request(struct reader *rd) {
    for (int class = 0; class < READER_CLASSES; class ++) {
        struct request *r = pop(&rd->queues[class]);
        if (r) return r;
    }
    return NULL;
}

static void dispatch(struct reader *rd);

static void answered(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct lane *lane = arg;
    struct reader *rd = lane->reader;
    struct request *r = lane->now;
    lane->now = NULL;
    bool lost = fate == PGLOOP_UNSENT || fate == PGLOOP_UNKNOWN;
    if (lost && !rd->stopping) {
        push_front(&rd->queues[r->class], r);
    } else {
        finish(r, fate, result);
    }
    if (!rd->stopping) dispatch(rd);
}

// Gives one request to an idle connection; false when none is left.
static bool start_one(struct lane *lane) {
    struct request *r = next_request(lane->reader);
    if (!r) return false;
    arena_reset(lane->reader->core->scratch);
    db_params p = db_params_new(lane->reader->core->scratch);
    if (!r->call->build(r->arg, &p)) {
        finish(r, PGLOOP_UNSENT, NULL);
        return true;
    }
    lane->now = r;
    if (!pgloop_call(lane->pg, r->call->name, &p, 0, answered, lane)) {
        lane->now = NULL;
        push_front(&lane->reader->queues[r->class], r);
        return false;
    }
    return true;
}

static void dispatch(struct reader *rd) {
    for (int i = 0; i < READER_CONNECTIONS; i++) {
        struct lane *lane = &rd->lanes[i];
        while (lane->pg && pgloop_up(lane->pg) && !lane->now && start_one(lane))
            continue;
    }
}

// Those that wait too long are told. The hub's reads wait for ever: nobody waits for their answer.
static void sweep(uv_timer_t *timer) {
    struct reader *rd = timer->data;
    int64_t late = clock_ms() - READER_PATIENCE_MS;
    for (int class = READER_PAGE; class < READER_CLASSES; class ++) {
        while (rd->queues[class].first && rd->queues[class].first->asked_ms < late) {
            finish(pop(&rd->queues[class]), PGLOOP_UNSENT, NULL);
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
            finish(r, PGLOOP_UNSENT, NULL);
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
