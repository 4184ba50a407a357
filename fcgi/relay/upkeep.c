// SPDX-License-Identifier: Apache-2.0
// Asking for login sessions, and pruning; see upkeep.h.
#include "relay/upkeep.h"

#include <stdlib.h>

#include "lib/mem.h"
#include "relay/spread.h"

#define WAIT_MS 1000 // for the connection

struct upkeep {
    struct core *core;
    uv_timer_t sessions, prune;
    int open;       // handles
    uint64_t asked; // number of the live session that was asked for last; 0 = begin with the first
    bool asking, pruning;
    bool stopping;
};

// --- login sessions -----------------------------------------------------------------------------------------------

static void sessions_told(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct upkeep *u = arg;
    u->asking = false;
    if (fate != PGLOOP_DONE || u->stopping) return;
    for (int i = 0; i < PQntuples(result); i++)
        session_revoke(u->core->relay, strtoll(PQgetvalue(result, i, 0), NULL, 10));
}

// The next live sessions in the order of their numbers, UPKEEP_SESSIONS at most; from the first again after the last.
static size_t next_sessions(struct upkeep *u, int64_t *ids) {
    struct relay *r = u->core->relay;
    size_t n = 0;
    for (struct session *s = session_next(r, NULL); s && n < UPKEEP_SESSIONS; s = session_next(r, s)) {
        if (s->number <= u->asked || s->login_id == 0) continue;
        ids[n++] = s->login_id;
        if (n == UPKEEP_SESSIONS) u->asked = s->number;
    }
    if (n < UPKEEP_SESSIONS) u->asked = 0;
    return n;
}

static void on_sessions(uv_timer_t *timer) {
    struct upkeep *u = timer->data;
    struct core *c = u->core;
    if (u->asking || !pgloop_up(c->relay->keeper)) return;
    arena_reset(c->scratch);
    int64_t *ids = arena_array(c->scratch, UPKEEP_SESSIONS, sizeof *ids);
    size_t n = next_sessions(u, ids);
    if (n == 0) return;
    db_params p = db_params_new(c->scratch);
    db_ids(&p, ids, n);
    u->asking = pgloop_call(c->relay->keeper, "live_sessions", &p, WAIT_MS, sessions_told, u);
}

// --- pruning ------------------------------------------------------------------------------------------------------

static void on_prune(uv_timer_t *timer);

static void pruned(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct upkeep *u = arg;
    u->pruning = false;
    if (u->stopping) return;
    bool more = fate == PGLOOP_DONE && *PQgetvalue(result, 0, 0) == 't';
    uv_timer_start(&u->prune, on_prune, more ? UPKEEP_PRUNE_ON_MS : UPKEEP_PRUNE_MS, UPKEEP_PRUNE_MS);
}

static void on_prune(uv_timer_t *timer) {
    struct upkeep *u = timer->data;
    struct core *c = u->core;
    if (u->pruning || !pgloop_up(c->relay->keeper)) return;
    arena_reset(c->scratch);
    db_params p = db_params_new(c->scratch);
    db_int(&p, c->relay->cfg->audit_days);
    u->pruning = pgloop_call(c->relay->keeper, "live_prune", &p, WAIT_MS, pruned, u);
}

// --- life ---------------------------------------------------------------------------------------------------------

void upkeep_start(struct core *c) {
    struct upkeep *u = mem_alloc(sizeof *u);
    u->core = c;
    u->open = 2;
    c->upkeep = u;
    uv_timer_init(c->relay->loop, &u->sessions);
    uv_timer_init(c->relay->loop, &u->prune);
    u->sessions.data = u->prune.data = u;
    uv_timer_start(&u->sessions, on_sessions, UPKEEP_MS, UPKEEP_MS);
    uv_timer_start(&u->prune, on_prune, (uint64_t)spread_between(1000, UPKEEP_PRUNE_MS), UPKEEP_PRUNE_MS);
}

static void closed(uv_handle_t *handle) {
    struct upkeep *u = handle->data;
    if (--u->open == 0) mem_free(u);
}

void upkeep_stop(struct core *c) {
    struct upkeep *u = c->upkeep;
    if (!u) return;
    u->stopping = true;
    c->upkeep = NULL;
    uv_close((uv_handle_t *)&u->sessions, closed);
    uv_close((uv_handle_t *)&u->prune, closed);
}
