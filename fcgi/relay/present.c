// SPDX-License-Identifier: Apache-2.0
// Who is here: the accounts with live sessions on this relay, and the rows that say so to all relays.
//
// Invariants:
//   * An account is here from its first session until GRACE_MS after its last: a reload does not flap.
//   * What the database is believed to hold is `row`; where that is not what it should hold, the account is dirty and
//     written within WRITE_MS, all dirty ones by one call, one call at a time.
//   * A call whose fate is bad leaves `row` unknown: written again.
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "relay/lease.h"
#include "relay/presence_inside.h"

#define WRITE_MS 100
#define RETRY_MS 1000
#define GRACE_MS 3000

enum row { ROW_UNKNOWN, ROW_NONE, ROW_HERE, ROW_AWAY };

struct present {
    int64_t id;
    int sessions;
    int64_t left_ms; // of the last session; 0 while there are some
    enum row row;
    bool dirty, leaving;
    struct present *next_dirty;
    struct present *next_leaving, *prev_leaving;
};

// What is being written: to be taken back when it fails.
struct writing {
    struct presence *presence;
    size_t count;
    int64_t ids[];
};

// --- lists --------------------------------------------------------------------------------------------------------

// Within ms from now; sooner if it was due sooner.
static void run_timer(struct presence *w, int64_t ms) {
    bool waiting = uv_is_active((uv_handle_t *)&w->write_timer) != 0;
    if (!waiting || uv_timer_get_due_in(&w->write_timer) > (uint64_t)ms)
        uv_timer_start(&w->write_timer, present_on_timer, (uint64_t)ms, 0);
}

static void make_dirty(struct presence *w, struct present *a, int64_t ms) {
    if (!a->dirty) {
        a->dirty = true;
        a->next_dirty = NULL;
        *(w->dirty_last ? &w->dirty_last->next_dirty : &w->dirty) = a;
        w->dirty_last = a;
    }
    run_timer(w, ms);
}

static struct present *pop_dirty(struct presence *w) {
    struct present *a = w->dirty;
    if (!a) return NULL;
    w->dirty = a->next_dirty;
    if (!w->dirty) w->dirty_last = NULL;
    a->dirty = false;
    return a;
}

static void add_leaving(struct presence *w, struct present *a) {
    a->leaving = true;
    a->left_ms = clock_ms();
    a->next_leaving = NULL;
    a->prev_leaving = w->leaving_last;
    *(w->leaving_last ? &w->leaving_last->next_leaving : &w->leaving) = a;
    w->leaving_last = a;
    run_timer(w, GRACE_MS);
}

static void remove_leaving(struct presence *w, struct present *a) {
    if (!a->leaving) return;
    a->leaving = false;
    a->left_ms = 0;
    *(a->prev_leaving ? &a->prev_leaving->next_leaving : &w->leaving) = a->next_leaving;
    *(a->next_leaving ? &a->next_leaving->prev_leaving : &w->leaving_last) = a->prev_leaving;
}

// --- what ought to be there ---------------------------------------------------------------------------------------

static bool all_away(const struct presence *w, int64_t account_id) {
    struct session *s = session_of_account(w->relay, account_id);
    bool away = s != NULL;
    for (; s && away; s = s->fellows.next)
        away = s->away;
    return away;
}

static enum row wanted_row(const struct presence *w, const struct present *a) {
    if (a->sessions > 0) return all_away(w, a->id) ? ROW_AWAY : ROW_HERE;
    return a->leaving ? a->row : ROW_NONE; // the grace: as it is
}

void present_changed(struct presence *w, int64_t account_id) {
    struct present *a = idmap_get(&w->present, account_id);
    if (a && a->row != wanted_row(w, a)) make_dirty(w, a, WRITE_MS);
}

void present_opened(struct presence *w, struct session *s) {
    struct present *a = idmap_get(&w->present, s->account_id);
    if (!a) {
        a = mem_alloc(sizeof *a);
        a->id = s->account_id;
        a->row = ROW_NONE;
        idmap_put(&w->present, a->id, a);
    }
    a->sessions++;
    remove_leaving(w, a);
    present_changed(w, a->id);
}

void present_closed(struct presence *w, struct session *s) {
    struct present *a = idmap_get(&w->present, s->account_id);
    if (!a) return;
    if (--a->sessions == 0) add_leaving(w, a);
    present_changed(w, a->id);
}

void present_renew(struct presence *w) {
    size_t at = 0;
    for (struct present *a; (a = idmap_next(&w->present, &at, NULL));) {
        a->row = ROW_UNKNOWN;
        make_dirty(w, a, WRITE_MS);
    }
}

// --- writing ------------------------------------------------------------------------------------------------------

static void forget_if_gone(struct presence *w, struct present *a) {
    if (a->sessions > 0 || a->leaving || a->dirty || a->row != ROW_NONE) return;
    idmap_remove(&w->present, a->id);
    mem_free(a);
}

static void on_written(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct writing *n = arg;
    struct presence *w = n->presence;
    (void)result;
    w->writing = false;
    for (size_t i = 0; i < n->count; i++) {
        struct present *a = idmap_get(&w->present, n->ids[i]);
        if (!a) continue;
        if (fate != PGLOOP_DONE) {
            a->row = ROW_UNKNOWN;
            make_dirty(w, a, RETRY_MS);
        } else {
            forget_if_gone(w, a);
        }
    }
    if (w->dirty) run_timer(w, WRITE_MS);
    mem_free(n);
}

static int by_id(const void *a, const void *b) {
    int64_t x = (*(struct present *const *)a)->id;
    int64_t y = (*(struct present *const *)b)->id;
    return x < y ? -1 : x > y;
}

// Takes up to a batch of dirty accounts whose row is not what it ought to be; in ascending order.
static size_t take_batch(struct presence *w, struct present **out) {
    size_t count = 0;
    for (struct present *a; count < PRESENCE_BATCH && (a = pop_dirty(w));) {
        if (a->row == wanted_row(w, a)) {
            forget_if_gone(w, a);
        } else {
            out[count++] = a;
        }
    }
    qsort(out, count, sizeof *out, by_id);
    return count;
}

// An array of booleans with NULLs, as PostgreSQL reads it.
static const char *aways_text(arena *a, struct present *const *batch, size_t count) {
    char *text = arena_alloc(a, count * 5 + 3);
    char *end = text;
    for (size_t i = 0; i < count; i++) {
        *end++ = i == 0 ? '{' : ',';
        end = stpcpy(end, batch[i]->row == ROW_NONE ? "NULL" : batch[i]->row == ROW_AWAY ? "t" : "f");
    }
    stpcpy(end, "}");
    return text;
}

static void write_batch(struct presence *w, struct present **batch, size_t count) {
    struct relay *r = w->relay;
    struct writing *n = mem_alloc(sizeof *n + count * sizeof n->ids[0]);
    n->presence = w;
    n->count = count;
    for (size_t i = 0; i < count; i++) {
        n->ids[i] = batch[i]->id;
        batch[i]->row = wanted_row(w, batch[i]);
    }
    arena *a = arena_create();
    db_params p = db_params_new(a);
    db_text(&p, r->name);
    db_int(&p, lease_incarnation(r));
    db_ids(&p, n->ids, count);
    db_text(&p, aways_text(a, batch, count));
    w->writing = true;
    if (!pgloop_call(r->keeper, "live_presence_write", &p, 0, on_written, n))
        on_written(n, PGLOOP_UNSENT, NULL);
    arena_destroy(a);
}

static void end_graces(struct presence *w) {
    int64_t now = clock_ms();
    while (w->leaving && now - w->leaving->left_ms >= GRACE_MS) {
        struct present *a = w->leaving;
        remove_leaving(w, a);
        make_dirty(w, a, WRITE_MS);
    }
}

void present_on_timer(uv_timer_t *timer) {
    struct presence *w = timer->data;
    struct present *batch[PRESENCE_BATCH];
    end_graces(w);
    // Without a lease nothing counts; with the next one all is written.
    if (!w->writing && lease_incarnation(w->relay) > 0 && pgloop_up(w->relay->keeper)) {
        size_t count = take_batch(w, batch);
        if (count > 0) write_batch(w, batch, count);
    }
    if (w->dirty) {
        run_timer(w, w->writing ? WRITE_MS : RETRY_MS);
    } else if (w->leaving) {
        run_timer(w, GRACE_MS / 10);
    }
}

void present_clear(struct presence *w) {
    size_t at = 0;
    for (struct present *a; (a = idmap_next(&w->present, &at, NULL));)
        mem_free(a);
    idmap_clear(&w->present);
    w->dirty = w->leaving = NULL;
}
