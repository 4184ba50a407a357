// SPDX-License-Identifier: Apache-2.0
// Looking for what was not heard; see reconcile.h.
#include "relay/reconcile.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "relay/listener.h"
#include "relay/spread.h"

#define XID_TEXT 24

struct reconcile {
    struct core *core;
    uv_timer_t timer, prune;
    int open;            // handles
    char last[XID_TEXT]; // "" = has not looked yet
    int64_t looked_ms;   // by the database's clock
    bool in_flight;
    uint32_t generation; // answers to calls of an older one mean nothing
    uint32_t asked;      // generation of the call in flight
};

static void take(struct reconcile *r, const PGresult *row) {
    int64_t now = strtoll(db_field(row, "now_ms"), NULL, 10);
    bool first = !*r->last; // sessions may have come before the relay heard anything
    bool away = !first && now - r->looked_ms > RECONCILE_KEPT_MS;
    const char *lines = db_field(row, "lines");
    bool too_many = *db_field(row, "missed") == 't';
    snprintf(r->last, sizeof r->last, "%s", db_field(row, "next"));
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
    db_text(&p, *r->last ? r->last : NULL);
    db_int(&p, RECONCILE_MOST);
    r->asked = r->generation;
    r->in_flight = pgloop_call(pg, "live_hints", &p, RECONCILE_MS, done, r);
}

void reconcile_forget(struct core *c) {
    if (!c->reconcile) return;
    c->reconcile->generation++;
    *c->reconcile->last = '\0';
}

static void on_timer(uv_timer_t *timer) {
    reconcile_now(timer->data);
}

static void pruned(void *arg, enum pgloop_fate fate, const PGresult *result) {
    (void)arg;
    (void)fate;
    (void)result;
}

static void on_prune(uv_timer_t *timer) {
    struct core *c = timer->data;
    pgloop *pg = listener_connection(c);
    if (!pg || !pgloop_up(pg)) return;
    arena_reset(c->scratch);
    db_params p = db_params_new(c->scratch);
    pgloop_call(pg, "live_hints_prune", &p, RECONCILE_MS, pruned, NULL);
}

void reconcile_start(struct core *c) {
    struct reconcile *r = mem_alloc(sizeof *r);
    r->core = c;
    r->open = 2;
    c->reconcile = r;
    uv_timer_init(c->relay->loop, &r->timer);
    uv_timer_init(c->relay->loop, &r->prune);
    r->timer.data = r->prune.data = c;
    uv_timer_start(&r->timer, on_timer, RECONCILE_MS, RECONCILE_MS);
    uv_timer_start(&r->prune, on_prune, (uint64_t)spread_between(1000, RECONCILE_PRUNE_MS),
                   RECONCILE_PRUNE_MS);
}

static void closed_timer(uv_handle_t *handle) {
    struct reconcile *r = (struct reconcile *)((char *)handle - offsetof(struct reconcile, timer));
    if (--r->open == 0) mem_free(r);
}

static void closed_prune(uv_handle_t *handle) {
    struct reconcile *r = (struct reconcile *)((char *)handle - offsetof(struct reconcile, prune));
    if (--r->open == 0) mem_free(r);
}

void reconcile_stop(struct core *c) {
    struct reconcile *r = c->reconcile;
    if (!r) return;
    c->reconcile = NULL;
    uv_close((uv_handle_t *)&r->timer, closed_timer);
    uv_close((uv_handle_t *)&r->prune, closed_prune);
}
