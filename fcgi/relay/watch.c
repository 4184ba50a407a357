// SPDX-License-Identifier: Apache-2.0
// Who watches whom: what was last told of each watched account, and reading it again.
//
// Invariants:
//   * A watched account is kept while somebody watches it. `told` is the event last sent to its watchers; only another one
//     is sent again.
//   * One read is in flight at most; what changes meanwhile is read after it.
//   * A watcher that missed something (its queue was full, or it was behind) is told everything again once it is live and
//     its queue is empty.
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "relay/presence_inside.h"

#define READ_MS 50
#define READ_WAIT_MS 3000

struct watched {
    int64_t id;
    struct event *told;  // NULL = not known yet
    struct watch *first; // its watchers
    bool unread;
    struct watched *next_unread;
};

// One session watches one account. Allocated as an array for a session.
struct watch {
    struct session *session;
    struct watched *watched;
    struct watch *next, *prev;
};

struct reading {
    struct presence *presence;
    size_t count;
    int64_t ids[];
};

// --- what is to be read -------------------------------------------------------------------------------------------

static void run_timer(struct presence *w) {
    if (!w->reading && !uv_is_active((uv_handle_t *)&w->read_timer))
        uv_timer_start(&w->read_timer, watch_on_timer, READ_MS, 0);
}

static void want_read(struct presence *w, struct watched *d) {
    if (!d->unread) {
        d->unread = true;
        d->next_unread = NULL;
        *(w->unread_last ? &w->unread_last->next_unread : &w->unread) = d;
        w->unread_last = d;
    }
    run_timer(w);
}

static struct watched *pop_unread(struct presence *w) {
    struct watched *d = w->unread;
    if (!d) return NULL;
    w->unread = d->next_unread;
    if (!w->unread) w->unread_last = NULL;
    d->unread = false;
    return d;
}

// Nobody watches it and nobody waits for it.
static void forget_if_unwatched(struct presence *w, struct watched *d) {
    if (d->first || d->unread) return;
    idmap_remove(&w->watched, d->id);
    event_unref(d->told);
    mem_free(d);
}

static void tell(struct session *s, struct event *e) {
    if (!session_send(s, e, EVENT_LIGHT)) s->missed_presence = true;
}

static void take_row(struct presence *w, const PGresult *result, int row) {
    struct watched *d = idmap_get(&w->watched, strtoll(PQgetvalue(result, row, 0), NULL, 10));
    const char *text = PQgetvalue(result, row, 1);
    size_t len = (size_t)PQgetlength(result, row, 1);
    if (!d || (d->told && d->told->len == len && memcmp(event_text(d->told), text, len) == 0)) return;
    event_unref(d->told);
    d->told = event_new(text, len);
    for (struct watch *h = d->first; h; h = h->next)
        tell(h->session, d->told);
}

static void on_read(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct reading *n = arg;
    struct presence *w = n->presence;
    w->reading = false;
    for (int i = 0; fate == PGLOOP_DONE && i < PQntuples(result); i++)
        take_row(w, result, i);
    if (w->unread) run_timer(w); // what failed is read again in 5 s
    mem_free(n);
}

void watch_on_timer(uv_timer_t *timer) {
    struct presence *w = timer->data;
    if (w->reading || !w->unread) return;
    struct reading *n = mem_alloc(sizeof *n + PRESENCE_BATCH * sizeof n->ids[0]);
    n->presence = w;
    for (struct watched *d; n->count < PRESENCE_BATCH && (d = pop_unread(w));) {
        if (d->first) n->ids[n->count++] = d->id;
        forget_if_unwatched(w, d);
    }
    arena *a = arena_create();
    db_params p = db_params_new(a);
    db_ids(&p, n->ids, n->count);
    w->reading = true;
    if (!pgloop_call(w->relay->keeper, "live_presence_read", &p, READ_WAIT_MS, on_read, n))
        on_read(n, PGLOOP_UNSENT, NULL);
    arena_destroy(a);
}

// --- again and again ----------------------------------------------------------------------------------------------

static void tell_all(struct session *s) {
    s->missed_presence = false;
    for (uint32_t i = 0; i < s->watches_count && !s->missed_presence; i++) {
        struct event *e = s->watches[i].watched->told;
        if (e) tell(s, e);
    }
}

static void tell_missed(struct relay *r) {
    for (struct session *s = session_next(r, NULL); s; s = session_next(r, s))
        if (s->missed_presence && s->state == SESSION_LIVE && session_empty(s)) tell_all(s);
}

void watch_renew(struct presence *w) {
    size_t at = 0;
    for (struct watched *d; (d = idmap_next(&w->watched, &at, NULL));)
        want_read(w, d);
}

void watch_on_again(uv_timer_t *timer) {
    struct presence *w = timer->data;
    tell_missed(w->relay);
    if (pgloop_up(w->relay->keeper)) watch_renew(w);
}

void presence_changed(struct relay *r, int64_t account_id) {
    struct watched *d = idmap_get(&r->presence->watched, account_id);
    if (d) want_read(r->presence, d);
}

// --- a session's set ----------------------------------------------------------------------------------------------

static void unlink_watch(struct presence *w, struct watch *h) {
    struct watched *d = h->watched;
    *(h->prev ? &h->prev->next : &d->first) = h->next;
    if (h->next) h->next->prev = h->prev;
    forget_if_unwatched(w, d);
}

static void link_watch(struct presence *w, struct watch *h, struct session *s, int64_t account_id) {
    struct watched *d = idmap_get(&w->watched, account_id);
    if (!d) {
        d = mem_alloc(sizeof *d);
        d->id = account_id;
        idmap_put(&w->watched, account_id, d);
    }
    h->session = s;
    h->watched = d;
    h->next = d->first;
    if (h->next) h->next->prev = h;
    d->first = h;
    if (d->told) {
        tell(s, d->told);
    } else {
        want_read(w, d);
    }
}

static void unlink_all(struct presence *w, struct watch *watches, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        unlink_watch(w, &watches[i]);
    mem_free(watches);
}

void watch_closed(struct presence *w, struct session *s) {
    unlink_all(w, s->watches, s->watches_count);
    s->watches = NULL;
    s->watches_count = 0;
}

static int by_id(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void link_all(struct presence *w, struct session *s, const int64_t *accounts, size_t count) {
    int64_t *ids = mem_array(count, sizeof *ids);
    memcpy(ids, accounts, count * sizeof *ids);
    qsort(ids, count, sizeof *ids, by_id);
    s->watches = mem_array(count, sizeof *s->watches);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || ids[i] != ids[i - 1]) link_watch(w, &s->watches[s->watches_count++], s, ids[i]);
    mem_free(ids);
}

void presence_watch(struct session *s, const int64_t *accounts, size_t count) {
    struct presence *w = s->relay->presence;
    struct watch *old = s->watches;
    uint32_t old_count = s->watches_count;
    s->watches = NULL;
    s->watches_count = 0;
    if (!session_ended(s) && count > 0) link_all(w, s, accounts, count);
    unlink_all(w, old, old_count); // last, so that what is watched on is not forgotten
}

void watch_clear(struct presence *w) {
    size_t at = 0;
    for (struct watched *d; (d = idmap_next(&w->watched, &at, NULL));) {
        event_unref(d->told);
        mem_free(d);
    }
    idmap_clear(&w->watched);
    w->unread = NULL;
}
