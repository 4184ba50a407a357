// SPDX-License-Identifier: Apache-2.0
// Presence as a whole: its life, and the command `status`. Who is here is present.c, who watches is watch.c.
#include "relay/presence.h"

#include <string.h>

#include "lib/mem.h"
#include "relay/presence_inside.h"

#define AGAIN_MS 5000
#define STATUS_WAIT_MS 3000
#define STATUS_WAITING 20 // calls: the lease is renewed over the same connection

static void add_timer(struct presence *w, uv_timer_t *timer) {
    uv_timer_init(w->relay->loop, timer);
    timer->data = w;
    w->handles++;
}

void presence_start(struct relay *r) {
    struct presence *w = mem_alloc(sizeof *w);
    w->relay = r;
    r->presence = w;
    add_timer(w, &w->write_timer);
    add_timer(w, &w->read_timer);
    add_timer(w, &w->again_timer);
    uv_timer_start(&w->again_timer, watch_on_again, AGAIN_MS, AGAIN_MS);
}

static void on_closed(uv_handle_t *handle) {
    struct presence *w = handle->data;
    if (--w->handles == 0) mem_free(w);
}

void presence_destroy(struct relay *r) {
    struct presence *w = r->presence;
    r->presence = NULL;
    present_clear(w);
    watch_clear(w);
    uv_close((uv_handle_t *)&w->write_timer, on_closed);
    uv_close((uv_handle_t *)&w->read_timer, on_closed);
    uv_close((uv_handle_t *)&w->again_timer, on_closed);
}

void presence_opened(struct session *s) {
    present_opened(s->relay->presence, s);
}

void presence_closed(struct session *s) {
    if (s->account_id == 0) return;
    watch_closed(s->relay->presence, s);
    present_closed(s->relay->presence, s);
}

void presence_renew(struct relay *r) {
    present_renew(r->presence);
    watch_renew(r->presence);
}

// --- status -------------------------------------------------------------------------------------------------------

struct status {
    struct session *session;
    void (*failed)(struct session *s, const problem *why);
};

static void on_status(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct status *t = arg;
    problem why = {0};
    if (fate != PGLOOP_DONE) problem_from_result(&why, result);
    if (why.code != ERROR_NONE && !session_ended(t->session)) t->failed(t->session, &why);
    session_unref(t->session);
    mem_free(t);
}

static void ask(struct session *s, struct status *t, const char *state, const char *text, const char *emoji) {
    arena *a = arena_create();
    db_params p = db_params_new(a);
    db_id(&p, s->account_id);
    db_text(&p, state);
    db_text(&p, text);
    db_text(&p, emoji);
    pgloop *keeper = s->relay->keeper;
    bool room = pgloop_waiting(keeper) < STATUS_WAITING;
    if (!room || !pgloop_call(keeper, "live_status", &p, STATUS_WAIT_MS, on_status, t))
        on_status(t, PGLOOP_UNSENT, NULL);
    arena_destroy(a);
}

void presence_status(struct session *s, const char *state, const char *text, const char *emoji,
                     void (*failed)(struct session *s, const problem *why)) {
    bool away = strcmp(state, "away") == 0;
    if (away != s->away) {
        s->away = away;
        present_changed(s->relay->presence, s->account_id);
    }
    if (away && !text && !emoji) return;
    struct status *t = mem_alloc(sizeof *t);
    *t = (struct status){.session = session_ref(s), .failed = failed};
    ask(s, t, away ? NULL : state, text, emoji);
}
