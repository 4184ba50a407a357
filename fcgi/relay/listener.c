// SPDX-License-Identifier: Apache-2.0
// Hearing what others did; see listener.h.
#include "relay/listener.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "relay/notice.h"
#include "relay/presence.h"
#include "relay/reconcile.h"

#define TOLD 4096 // markers remembered, so that what reconciliation lists again is not told again

static const db_call CALLS[] = {
    {"live_hints", "pg_snapshot integer"},
    {"live_beat", "text"},
};

struct told {
    int64_t conversation, account;
    int64_t read, received;
};

struct listener {
    struct core *core;
    pgloop *pg;
    uv_timer_t beat;
    int64_t heard_ms; // the last beat of its own, or the last connection
    bool deaf;        // for tests
    struct told told[TOLD];
};

// --- lines --------------------------------------------------------------------------------------------------------

// True when one of the two markers is news; both are then those of the line.
static bool is_news(struct listener *l, const struct notice *n) {
    uint64_t hash = ((uint64_t)n->conversation ^ (uint64_t)n->account * 31) * 0x9E3779B97F4A7C15u;
    struct told *t = &l->told[hash >> 52];
    if (t->conversation != n->conversation || t->account != n->account) {
        *t = (struct told){.conversation = n->conversation, .account = n->account};
    }
    bool news = n->read > t->read || n->received > t->received;
    if (n->read > t->read) t->read = n->read;
    if (n->received > t->received) t->received = n->received;
    return news;
}

static void tell_marker(struct core *c, const struct notice *n, const char *type, int64_t seq) {
    struct event *e = event_printf("{\"type\":\"%s\",\"conversation\":\"%" PRId64 "\",\"account\":\"%" PRId64
                                   "\",\"seq\":%" PRId64 "}",
                                   type, n->conversation, n->account, seq);
    hub_tell(c->hub, n->conversation, n->account, e, EVENT_NORMAL);
    event_unref(e);
}

static void take_receipt(struct core *c, const struct notice *n) {
    if (!n->small || !is_news(c->listener, n)) return;
    if (n->read > 0) tell_marker(c, n, "read", n->read);
    if (n->received > n->read) tell_marker(c, n, "received", n->received);
}

static void take_typing(struct core *c, const struct notice *n) {
    struct event *e = event_printf("{\"type\":\"typing\",\"conversation\":\"%" PRId64
                                   "\",\"account\":\"%" PRId64 "\",\"on\":%s}",
                                   n->conversation, n->account, n->on ? "true" : "false");
    hub_tell(c->hub, n->conversation, n->account, e, EVENT_LIGHT);
    event_unref(e);
}

static void take_notice(struct core *c, const struct notice *n) {
    switch (n->kind) {
    case NOTICE_MESSAGE:
        hub_message(c->hub, n->conversation, n->mod, n->sender, *n->ref ? n->ref : NULL, n->text, n->len);
        break;
    case NOTICE_CONVERSATION:
        hub_hint(c->hub, n->conversation, n->mod);
        break;
    case NOTICE_ACCOUNT:
        hub_account_hint(c->hub, n->account, n->mod);
        break;
    case NOTICE_RECEIPT:
        take_receipt(c, n);
        break;
    case NOTICE_TYPING:
        take_typing(c, n);
        break;
    case NOTICE_PRESENCE:
        presence_changed(c->relay, n->account);
        break;
    case NOTICE_SESSION:
        session_revoke(c->relay, n->session);
        break;
    case NOTICE_EPOCH:
        listener_renew(c);
        break;
    case NOTICE_BEAT:
        if (n->beat_len == strlen(c->relay->name) && memcmp(n->beat, c->relay->name, n->beat_len) == 0) {
            c->listener->heard_ms = clock_ms();
        }
        break;
    case NOTICE_BAD:
        log_warn(NULL, "a notification line was not understood");
    }
}

void listener_lines(struct core *c, const char *text, size_t len) {
    const char *at = text;
    struct notice n;
    while (c->listener && notice_next(&at, text + len, &n))
        take_notice(c, &n);
    core_changed(c);
}

// --- the connection -----------------------------------------------------------------------------------------------

static void heard(void *arg, const char *channel, const char *payload, size_t len) {
    struct listener *l = arg;
    (void)channel;
    if (!l->deaf) listener_lines(l->core, payload, len);
}

static void up(void *arg, const char *epoch) {
    struct listener *l = arg;
    l->heard_ms = clock_ms();
    core_epoch(l->core, epoch);
    // LISTEN has been committed: from here on nothing is missed that reconciliation does not find.
    reconcile_now(l->core);
}

static void beat_sent(void *arg, enum pgloop_fate fate, const PGresult *result) {
    (void)arg;
    (void)fate;
    (void)result;
}

static void on_beat(uv_timer_t *timer) {
    struct listener *l = timer->data;
    if (!pgloop_up(l->pg)) return;
    if (!l->deaf && clock_ms() - l->heard_ms > LISTENER_DEAF_MS) {
        log_warn(NULL, "listener: its own notifications do not come back");
        pgloop_reconnect(l->pg);
        return;
    }
    arena_reset(l->core->scratch);
    db_params p = db_params_new(l->core->scratch);
    db_text(&p, l->core->relay->name);
    pgloop_call(l->pg, "live_beat", &p, LISTENER_BEAT_MS, beat_sent, NULL);
}

void listener_start(struct core *c) {
    struct listener *l = mem_alloc(sizeof *l);
    const char *drop = getenv("PARLEY_TEST_DROP_NOTIFY");
    l->core = c;
    l->deaf = c->relay->cfg->allow_unsafe_database && drop && strcmp(drop, "1") == 0;
    c->listener = l;
    uv_timer_init(c->relay->loop, &l->beat);
    l->beat.data = l;
    uv_timer_start(&l->beat, on_beat, LISTENER_BEAT_MS, LISTENER_BEAT_MS);
    l->pg = pgloop_create(c->relay->loop, &(pgloop_options){.name = "listener",
                                                            .cfg = c->relay->cfg,
                                                            .program = RELAY_PROGRAM,
                                                            .calls = CALLS,
                                                            .calls_count = sizeof CALLS / sizeof CALLS[0],
                                                            .listen = "parley",
                                                            .queue_max = 8,
                                                            .arg = l,
                                                            .up = up,
                                                            .notify = heard});
}

static void closed(uv_handle_t *handle) {
    mem_free(handle->data);
}

void listener_stop(struct core *c) {
    struct listener *l = c->listener;
    if (!l) return;
    pgloop_destroy(l->pg);
    c->listener = NULL;
    uv_close((uv_handle_t *)&l->beat, closed);
}

void listener_renew(struct core *c) {
    if (c->listener) pgloop_reconnect(c->listener->pg);
}

void listener_forget(struct core *c) {
    if (c->listener) memset(c->listener->told, 0, sizeof c->listener->told);
}

pgloop *listener_connection(const struct core *c) {
    return c->listener ? c->listener->pg : NULL;
}

bool listener_refused(const struct core *c) {
    return c->listener && pgloop_refused(c->listener->pg);
}
