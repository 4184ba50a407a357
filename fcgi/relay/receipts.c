// SPDX-License-Identifier: Apache-2.0
// Coalesced markers; see receipts.h.
#include "relay/receipts.h"

#include "lib/log.h"
#include "lib/mem.h"
#include "relay/command.h"
#include "relay/idmap.h"
#include "relay/reader.h"
#include "relay/writer.h"

#define WAIT_MS 2000 // for the connection; then they are kept for the next call

struct marker {
    int64_t account, conversation;
    int64_t read, received;
    uint64_t after;      // the session's commands that go before it
    struct marker *next; // of the same hash
};

struct receipts {
    struct core *core;
    struct idmap markers;  // by hash of account and conversation
    size_t count;          // of those that wait: in `markers` and `ready`
    struct marker *ready;  // taken out of the map, by next
    struct marker *flying; // given to the database, likewise
    bool in_flight;
    uv_timer_t timer;
    bool stopping;
};

static int64_t hash_of(int64_t account, int64_t conversation) {
    uint64_t h = (uint64_t)account * 0x9E3779B97F4A7C15u ^ (uint64_t)conversation * 0xC2B2AE3D27D4EB4Fu;
    return (int64_t)((h >> 1) | 1);
}

static void put(struct receipts *r, struct marker *m) {
    int64_t hash = hash_of(m->account, m->conversation);
    m->next = idmap_get(&r->markers, hash);
    idmap_put(&r->markers, hash, m);
}

static struct marker *marker_of(struct receipts *r, int64_t account, int64_t conversation) {
    for (struct marker *m = idmap_get(&r->markers, hash_of(account, conversation)); m; m = m->next) {
        if (m->account == account && m->conversation == conversation) return m;
    }
    if (r->count >= RECEIPTS_MAX) return NULL;
    struct marker *m = mem_alloc(sizeof *m);
    *m = (struct marker){.account = account, .conversation = conversation};
    put(r, m);
    r->count++;
    return m;
}

static void add(struct receipts *r, const struct marker *said) {
    struct marker *m = marker_of(r, said->account, said->conversation);
    if (!m) return;
    if (said->read > m->read) m->read = said->read;
    if (said->received > m->received) m->received = said->received;
    if (said->after > m->after) m->after = said->after;
}

static void free_list(struct marker *m) {
    while (m) {
        struct marker *next = m->next;
        mem_free(m);
        m = next;
    }
}

// Takes all out of the map, as one list; the arrays of the call name each.
static struct marker *take_all(struct receipts *r) {
    struct marker *all = NULL;
    struct marker *m;
    for (size_t at = 0; (m = idmap_next(&r->markers, &at, NULL));) {
        while (m) {
            struct marker *next = m->next;
            m->next = all;
            all = m;
            m = next;
        }
    }
    idmap_clear(&r->markers);
    return all;
}

// A marker is held to the last seq: one that is written before the `send` that went before it would be lost.
static struct marker *take_settled(struct receipts *r) {
    struct marker *settled = NULL;
    for (struct marker *m = take_all(r), *next; m; m = next) {
        next = m->next;
        if (writer_settled(r->core, m->after)) {
            m->next = settled;
            settled = m;
        } else {
            put(r, m);
        }
    }
    return settled;
}

// The first of `ready` fly, RECEIPTS_BATCH at most; returns how many.
static size_t take_batch(struct receipts *r) {
    size_t n = 0;
    struct marker **end = &r->ready;
    while (*end && n < RECEIPTS_BATCH) {
        end = &(*end)->next;
        n++;
    }
    struct marker *rest = *end;
    *end = NULL;
    r->flying = r->ready;
    r->ready = rest;
    r->count -= n;
    return n;
}

static void done(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct receipts *r = arg;
    struct marker *list = r->flying;
    r->flying = NULL;
    r->in_flight = false;
    problem why = {0};
    if (fate == PGLOOP_FAILED) {
        problem_from_result(&why, result);
        log_warn(NULL, "receipts: %s", error_info(why.code)->name);
    }
    if (fate != PGLOOP_DONE && (fate != PGLOOP_FAILED || why.code == ERROR_UNAVAILABLE) && !r->stopping) {
        for (const struct marker *m = list; m; m = m->next)
            add(r, m);
    }
    free_list(list);
    if (fate == PGLOOP_DONE && r->ready && !r->stopping) receipts_flush(r->core);
}

static void add_params(struct receipts *r, db_params *p, size_t n) {
    int64_t *accounts = arena_array(p->arena, n, sizeof *accounts);
    int64_t *conversations = arena_array(p->arena, n, sizeof *conversations);
    int64_t *reads = arena_array(p->arena, n, sizeof *reads);
    int64_t *receiveds = arena_array(p->arena, n, sizeof *receiveds);
    size_t i = 0;
    for (const struct marker *m = r->flying; m; m = m->next, i++) {
        accounts[i] = m->account;
        conversations[i] = m->conversation;
        reads[i] = m->read;
        receiveds[i] = m->received;
    }
    db_ids(p, accounts, n);
    db_ids(p, conversations, n);
    db_ids(p, reads, n); // 0 moves nothing
    db_ids(p, receiveds, n);
    db_int(p, r->core->relay->cfg->receipts_max_members);
}

void receipts_flush(struct core *c) {
    struct receipts *r = c->receipts;
    if (!r || r->in_flight || r->count == 0 || !pgloop_up(c->relay->keeper)) return;
    if (!r->ready) r->ready = take_settled(r);
    if (!r->ready) return;
    size_t n = take_batch(r);
    arena_reset(c->scratch);
    db_params p = db_params_new(c->scratch);
    add_params(r, &p, n);
    r->in_flight = true;
    if (!pgloop_call(c->relay->keeper, "live_receipts", &p, WAIT_MS, done, r)) done(r, PGLOOP_UNSENT, NULL);
}

static void on_timer(uv_timer_t *timer) {
    receipts_flush(timer->data);
}

void receipts_start(struct core *c) {
    struct receipts *r = mem_alloc(sizeof *r);
    r->core = c;
    c->receipts = r;
    uv_timer_init(c->relay->loop, &r->timer);
    r->timer.data = c;
    uv_timer_start(&r->timer, on_timer, RECEIPTS_MS, RECEIPTS_MS);
}

static void closed(uv_handle_t *handle) {
    mem_free((char *)handle - offsetof(struct receipts, timer));
}

void receipts_stop(struct core *c) {
    struct receipts *r = c->receipts;
    if (!r) return;
    r->stopping = true;
    free_list(take_all(r));
    free_list(r->ready);
    c->receipts = NULL;
    uv_close((uv_handle_t *)&r->timer, closed);
}

// --- who is not known here as a member ------------------------------------------------------------------------------

// A marker in a conversation that the hub does not know the account in: it may have been added just now.
struct doubt {
    struct session *session; // a reference
    struct marker said;
};

static bool doubt_wanted(void *arg) {
    const struct doubt *d = arg;
    return !session_ended(d->session);
}

static void build_doubt(void *const *args, size_t n, db_params *p) {
    const struct doubt *d = args[0];
    (void)n;
    db_int(p, d->said.account);
    db_int(p, d->said.conversation);
}

static void doubt_done(void *arg, const struct reply *reply) {
    struct doubt *d = arg;
    struct receipts *r = d->session->relay->core ? d->session->relay->core->receipts : NULL;
    if (reply->fate == PGLOOP_DONE && r) {
        problem why;
        problem_set(&why, ERROR_NOT_A_MEMBER, NULL);
        if (*PQgetvalue(reply->result, 0, 0) == 't') {
            add(r, &d->said);
        } else {
            command_failed(d->session, d->said.read ? "read" : "received", NULL, &why);
        }
    }
    session_unref(d->session);
    mem_free(d);
}

static const struct reader_call DOUBT = {"live_member", 1, doubt_wanted, build_doubt, doubt_done};

void receipts_add(struct session *s, int64_t conversation, int64_t read, int64_t received) {
    struct core *c = s->relay->core;
    struct marker said = {.account = s->account_id,
                          .conversation = conversation,
                          .read = read,
                          .received = received,
                          .after = s->core->posted};
    if (hub_member(c->hub, &s->core->hub, conversation)) {
        if (c->receipts) add(c->receipts, &said);
        return;
    }
    struct doubt *d = mem_alloc(sizeof *d);
    *d = (struct doubt){.session = session_ref(s), .said = said};
    reader_ask(c, READER_PAGE, &DOUBT, d);
}

bool receipts_idle(const struct core *c) {
    return !c->receipts || (!c->receipts->in_flight && c->receipts->count == 0);
}
