// SPDX-License-Identifier: Apache-2.0
// Looking for what was not heard; see reconcile.h.
#include "relay/reconcile.h"

#include <stdlib.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "relay/listener.h"

struct reconcile {
    struct core *core;
    uv_timer_t timer;
    char *last;        // the snapshot of the last look; NULL = has not looked yet
    int64_t looked_ms; // by the database's clock
    bool in_flight;
    uint32_t generation; // answers to calls of an older one mean nothing
    uint32_t asked;      // generation of the call in flight
};

static void take(struct reconcile *r, const PGresult *row) {
    int64_t now = strtoll(db_field(row, "now_ms"), NULL, 10);
    bool first = !r->last; // sessions may have come before the relay heard anything
    bool away = !first && now - r->looked_ms > RECONCILE_KEPT_MS;
    const char *lines = db_field(row, "lines");
    bool too_many = *db_field(row, "missed") == 't';
    mem_free(r->last);
    r->last = mem_text(db_field(row, "next"));
    r->looked_ms = now;
    if (away || too_many) log_warn(NULL, "reconciliation: hints were missed, comparing everything");
    if (first || away || too_many) {
        hub_want_all(r->core->hub);
        core_changed(r->core);
    }
    if (lines) listener_lines(r->core, lines, (size_t)PQgetlength(row, 0, PQfnumber(row, "lines")));
}

static void done(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct reconcile *r = arg;
    r->in_flight = false;
    if (fate == PGLOOP_DONE && r->asked == r->generation) take(r, result);
    if (fate == PGLOOP_FAILED) {
        problem why;
        problem_from_result(&why, result);
        log_warn(NULL, "reconciliation: %s", error_info(why.code)->name);
    }
}

void reconcile_now(struct core *c) {
    struct reconcile *r = c->reconcile;
    pgloop *pg = listener_connection(c);
    if (!r || !pg || r->in_flight || !pgloop_up(pg)) return;
    arena_reset(c->scratch);
    db_params p = db_params_new(c->scratch);
    db_text(&p, r->last);
    db_int(&p, RECONCILE_MOST);
    r->asked = r->generation;
    r->in_flight = pgloop_call(pg, "live_hints", &p, RECONCILE_MS, done, r);
}

void reconcile_forget(struct core *c) {
    if (!c->reconcile) return;
    c->reconcile->generation++;
    mem_free(c->reconcile->last);
    c->reconcile->last = NULL;
}

static void on_timer(uv_timer_t *timer) {
    reconcile_now(timer->data);
}

void reconcile_start(struct core *c) {
    struct reconcile *r = mem_alloc(sizeof *r);
    r->core = c;
    c->reconcile = r;
    uv_timer_init(c->relay->loop, &r->timer);
    r->timer.data = c;
    uv_timer_start(&r->timer, on_timer, RECONCILE_MS, RECONCILE_MS);
}

static void closed(uv_handle_t *handle) {
    mem_free((char *)handle - offsetof(struct reconcile, timer));
}

void reconcile_stop(struct core *c) {
    struct reconcile *r = c->reconcile;
    if (!r) return;
    mem_free(r->last);
    c->reconcile = NULL;
    uv_close((uv_handle_t *)&r->timer, closed);
}
