// SPDX-License-Identifier: Apache-2.0
// Who types; see typing.h.
#include "relay/typing.h"

#include "lib/clock.h"
#include "lib/mem.h"

#define WAIT_MS 1000 // for the connection; then it is not worth telling

// What is known of one account in one conversation.
struct typist {
    struct typist *next;
    int64_t account, conversation;
    int64_t until_ms; // when it ends by itself
    bool on;
    bool untold; // the last change has not been given to the database
};

struct typing {
    struct core *core;
    struct typist *first;
    size_t count;
    bool in_flight;
    uv_timer_t timer; // runs while there are typists
};

static struct typist *find(struct typing *t, int64_t account, int64_t conversation) {
    for (struct typist *p = t->first; p; p = p->next) {
        if (p->account == account && p->conversation == conversation) return p;
    }
    if (t->count >= TYPING_MAX) return NULL;
    struct typist *p = mem_alloc(sizeof *p);
    *p = (struct typist){.next = t->first, .account = account, .conversation = conversation};
    t->first = p;
    t->count++;
    return p;
}

static void done(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct typing *t = arg;
    (void)fate;
    (void)result;
    t->in_flight = false;
}

// Those that end by themselves; and forgets those that are off and told.
static void expire(struct typing *t, int64_t now) {
    struct typist **at = &t->first;
    while (*at) {
        struct typist *p = *at;
        if (p->on && now >= p->until_ms) {
            p->on = false;
            p->untold = true;
        }
        if (p->on || p->untold) {
            at = &p->next;
            continue;
        }
        *at = p->next;
        t->count--;
        mem_free(p);
    }
}

static size_t count_untold(const struct typing *t) {
    size_t n = 0;
    for (const struct typist *p = t->first; p; p = p->next)
        n += p->untold;
    return n;
}

static void tell(struct typing *t) {
    size_t n = count_untold(t);
    if (n == 0 || t->in_flight) return;
    struct core *c = t->core;
    arena_reset(c->scratch);
    db_params p = db_params_new(c->scratch);
    int64_t *conversations = arena_array(c->scratch, n, sizeof *conversations);
    int64_t *accounts = arena_array(c->scratch, n, sizeof *accounts);
    bool *ons = arena_array(c->scratch, n, sizeof *ons);
    size_t i = 0;
    for (struct typist *q = t->first; q; q = q->next) {
        if (!q->untold) continue;
        conversations[i] = q->conversation;
        accounts[i] = q->account;
        ons[i++] = q->on;
        q->untold = false;
    }
    db_ids(&p, conversations, n);
    db_ids(&p, accounts, n);
    db_bools(&p, ons, n);
    db_int(&p, c->relay->cfg->receipts_max_members);
    t->in_flight =
        pgloop_up(c->relay->keeper) && pgloop_call(c->relay->keeper, "live_typing", &p, WAIT_MS, done, t);
}

static void on_timer(uv_timer_t *timer) {
    struct typing *t = timer->data;
    expire(t, clock_ms());
    tell(t);
    if (!t->first) uv_timer_stop(timer);
}

void typing_said(struct session *s, int64_t conversation, bool on) {
    struct core *c = s->relay->core;
    struct typing *t = c->typing;
    if (!hub_member(c->hub, &s->core->hub, conversation)) return;
    struct typist *p = t ? find(t, s->account_id, conversation) : NULL;
    if (!p) return;
    if (on || p->on) p->untold = true;
    p->on = on;
    p->until_ms = clock_ms() + (int64_t)s->relay->cfg->typing_seconds * 1000;
    if (!uv_is_active((uv_handle_t *)&t->timer)) uv_timer_start(&t->timer, on_timer, 0, TYPING_MS);
}

void typing_start(struct core *c) {
    struct typing *t = mem_alloc(sizeof *t);
    t->core = c;
    c->typing = t;
    uv_timer_init(c->relay->loop, &t->timer);
    t->timer.data = t;
}

static void closed(uv_handle_t *handle) {
    mem_free(handle->data);
}

void typing_stop(struct core *c) {
    struct typing *t = c->typing;
    if (!t) return;
    while (t->first) {
        struct typist *p = t->first;
        t->first = p->next;
        mem_free(p);
    }
    c->typing = NULL;
    uv_close((uv_handle_t *)&t->timer, closed);
}
