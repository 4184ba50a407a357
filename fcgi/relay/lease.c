// SPDX-License-Identifier: Apache-2.0
// The lease; see lease.h. Its state is computed whenever it is asked for, so that a process that slept or was stopped
// knows on waking, before any timer runs, that its time is over.
#include "relay/lease.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "relay/presence.h"
#include "relay/session.h"
#include "relay/spread.h"
#include "relay/transport.h"

#define TICK_MS 500
#define RENEW_MS 2000
#define STALE_MS 7000
#define LOST_MS 10000
#define JUDGE_AFTER_MS 7000 // after a lost connection others get the time to come back too
#define SWEEP_AFTER_MS 5000 // after the start of a life the clients of the last one have moved on
#define SWEEP_EVERY_MS 60000
#define TAKEN_WAIT_MS 10000 // another process has our name

struct lease {
    struct relay *relay;
    uv_timer_t tick;
    int64_t incarnation; // 0 = none
    int64_t renewed_ms;  // CLOCK_BOOTTIME at which the last good renewal was asked for
    int64_t asked_ms;    // of the one in flight or the last
    int64_t next_ms;     // of the next
    int64_t judge_ms;    // from when on others may be judged
    int64_t sweep_ms;    // when to sweep next
    bool asking;
    bool said; // that this relay stops
    void (*stopped)(struct relay *r);
};

static int64_t age_of(const struct lease *l) {
    return clock_boot_ms() - l->renewed_ms;
}

enum lease_state lease_state(const struct relay *r) {
    const struct lease *l = r->lease;
    if (l->incarnation == 0) return LEASE_NONE;
    int64_t age = age_of(l);
    return age < STALE_MS ? LEASE_GOOD : age < LOST_MS ? LEASE_STALE : LEASE_NONE;
}

int64_t lease_incarnation(const struct relay *r) {
    return r->lease->incarnation;
}

static void lose(struct lease *l, const char *why) {
    log_error(NULL, "lease lost: %s; ending %zu sessions", why, session_count(l->relay));
    l->incarnation = 0;
    sessions_end_all(l->relay, ERROR_UNAVAILABLE, LEASE_RECONNECT_MIN_MS, LEASE_RECONNECT_MAX_MS);
}

static void begin_life(struct lease *l, int64_t incarnation, int64_t now) {
    log_info(NULL, "lease: incarnation %lld", (long long)incarnation);
    l->incarnation = incarnation;
    l->sweep_ms = now + SWEEP_AFTER_MS;
    presence_renew(l->relay);
}

static void on_renewed(struct lease *l, const PGresult *result) {
    int64_t now = clock_boot_ms();
    const char *text = PQntuples(result) == 1 ? PQgetvalue(result, 0, 0) : "0";
    int64_t incarnation = strtoll(text, NULL, 10);
    if (incarnation == 0) {
        l->next_ms = now + TAKEN_WAIT_MS;
        lose(l, "another process has this relay's name");
        return;
    }
    l->renewed_ms = l->asked_ms;
    if (incarnation != l->incarnation) begin_life(l, incarnation, now);
}

static bool ask(struct lease *l, double load);

// A renewal may still have been in flight when the relay was told to stop.
static void said_or_again(struct lease *l) {
    if (l->said || !ask(l, -1)) l->stopped(l->relay);
}

static void on_done(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct lease *l = arg;
    l->asking = false;
    if (l->stopped) {
        said_or_again(l);
    } else if (fate == PGLOOP_DONE) {
        on_renewed(l, result);
    } else {
        log_warn(NULL, "lease not renewed");
    }
}

static bool ask(struct lease *l, double load) {
    struct relay *r = l->relay;
    int64_t now = clock_boot_ms();
    char url[64];
    char share[32];
    snprintf(url, sizeof url, "/live/%s", r->name);
    snprintf(share, sizeof share, "%.4f", load);
    bool sweep = l->incarnation > 0 && now >= l->sweep_ms;
    if (sweep) l->sweep_ms = now + SWEEP_EVERY_MS;
    arena *a = arena_create();
    db_params p = db_params_new(a);
    db_text(&p, r->name);
    db_int(&p, l->incarnation);
    db_text(&p, url);
    db_text(&p, r->region);
    db_text(&p, share);
    db_bool(&p, now >= l->judge_ms);
    db_bool(&p, sweep);
    l->said = load < 0;
    l->asked_ms = now;
    l->next_ms = now + RENEW_MS;
    l->asking = pgloop_call(r->keeper, "live_lease", &p, RENEW_MS, on_done, l);
    arena_destroy(a);
    return l->asking;
}

static double load_of(const struct relay *r) {
    double load = (double)session_count(r) / (double)transports_room(r);
    return load < 1 ? load : 1;
}

static void on_tick(uv_timer_t *timer) {
    struct lease *l = timer->data;
    if (l->stopped) return;
    if (l->incarnation > 0 && age_of(l) >= LOST_MS) lose(l, "not renewed for 10 s");
    bool due = clock_boot_ms() >= l->next_ms;
    if (due && !l->asking && pgloop_up(l->relay->keeper)) ask(l, load_of(l->relay));
}

void lease_start(struct relay *r) {
    struct lease *l = mem_alloc(sizeof *l);
    l->relay = r;
    r->lease = l;
    uv_timer_init(r->loop, &l->tick);
    l->tick.data = l;
    uv_timer_start(&l->tick, on_tick, TICK_MS, TICK_MS);
}

void lease_up(struct relay *r) {
    struct lease *l = r->lease;
    l->judge_ms = clock_boot_ms() + JUDGE_AFTER_MS;
    l->next_ms = 0;
    if (!l->asking && !l->stopped) ask(l, load_of(r));
}

void lease_stop(struct relay *r, void (*done)(struct relay *r)) {
    struct lease *l = r->lease;
    l->stopped = done;
    bool sent = l->incarnation > 0 && pgloop_up(r->keeper) && (l->asking || ask(l, -1));
    if (!sent) done(r);
}

static void on_closed(uv_handle_t *handle) {
    mem_free(handle->data);
}

void lease_destroy(struct relay *r) {
    uv_close((uv_handle_t *)&r->lease->tick, on_closed);
    r->lease = NULL;
}
