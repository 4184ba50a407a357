// SPDX-License-Identifier: Apache-2.0
// Reading for the hub; see fill.h.
#include "relay/fill.h"

#include <string.h>

#include "lib/mem.h"
#include "relay/catchup.h"
#include "relay/reader.h"
#include "relay/row.h"

#define BATCH 200       // conversations or accounts a read
#define ROWS 1000       // rows a read of conversations
#define ACCOUNT_ROWS 20 // rows an account
#define RETRY_MS 500    // after a failed read

// What differs between reading conversations and accounts.
struct stream {
    struct reader_call call;
    size_t (*wanted)(struct hub *h, struct hub_place *out, size_t max);
    void (*cut)(struct hub *h, int64_t id);
    // True when the row was the last of its place.
    bool (*row)(struct core *c, int64_t id, const struct row *r);
};

struct batch {
    struct core *core;
    const struct stream *stream;
    struct hub_place places[BATCH];
    bool ended[BATCH];
    size_t count;
    bool reading;
};

struct fill {
    struct batch conversations, accounts;
    uv_timer_t retry;
};

// --- one batch ----------------------------------------------------------------------------------------------------

static void start(struct batch *b) {
    if (b->reading) return;
    b->count = b->stream->wanted(b->core->hub, b->places, BATCH);
    if (b->count == 0) return;
    memset(b->ended, 0, sizeof b->ended);
    b->reading = reader_ask(b->core, READER_HUB, &b->stream->call, b);
}

static bool wanted(void *arg) {
    (void)arg;
    return true;
}

static void done(void *arg, const struct reply *reply) {
    struct batch *b = arg;
    struct core *c = b->core;
    b->reading = false;
    if (reply->fate == PGLOOP_DONE) {
        struct rows rows = rows_of(reply->result);
        struct row r;
        for (int i = 0; rows_at(&rows, i, b->count, &r); i++) {
            if (b->stream->row(c, b->places[r.place].conversation, &r)) b->ended[r.place] = true;
        }
    }
    for (size_t i = 0; i < b->count; i++) {
        if (!b->ended[i]) b->stream->cut(c->hub, b->places[i].conversation);
    }
    if (reply->fate == PGLOOP_DONE) {
        core_changed(c);
    } else if (c->fill) {
        uv_timer_start(&c->fill->retry, c->fill->retry.timer_cb, RETRY_MS, 0);
    }
}

// --- conversations ------------------------------------------------------------------------------------------------

static void build_conversations(void *const *args, size_t n, db_params *p) {
    const struct batch *b = args[0];
    (void)n;
    db_null(p);
    catchup_places(p, b->places, b->count);
    db_int(p, ROWS);
    db_int(p, (int64_t)core_page_bytes(b->core));
    db_int(p, b->core->relay->cfg->receipts_max_members);
}

static bool conversation_row(struct core *c, int64_t id, const struct row *r) {
    switch (r->kind) {
    case 'e':
        hub_row_end(c->hub, id, r->mod);
        return true;
    case 'r': // the database is behind what was delivered: it was restored, and the epoch will say so
    case 'x':
        hub_row_gone(c->hub, id);
        return true;
    default:
        hub_row(c->hub, id, r->kind, r->mod, r->subject, r->ref, r->text, r->len);
        return false;
    }
}

static const struct stream CONVERSATIONS = {
    .call = {"live_changes", 1, wanted, build_conversations, done},
    .wanted = hub_wanted,
    .cut = hub_row_cut,
    .row = conversation_row,
};

// --- accounts -----------------------------------------------------------------------------------------------------

static void build_accounts(void *const *args, size_t n, db_params *p) {
    const struct batch *b = args[0];
    (void)n;
    catchup_places(p, b->places, b->count);
    db_int(p, ACCOUNT_ROWS);
    db_int(p, b->core->relay->cfg->receipts_max_members);
}

static bool account_row(struct core *c, int64_t id, const struct row *r) {
    if (r->kind == 'e' || r->kind == 'x') {
        hub_account_end(c->hub, id, r->account_mod);
        return true;
    }
    hub_account_row(c->hub, id, r->kind, r->account_mod, r->conversation, r->mod, r->text, r->len);
    return false;
}

static const struct stream ACCOUNTS = {
    .call = {"live_account_changes", 1, wanted, build_accounts, done},
    .wanted = hub_accounts_wanted,
    .cut = hub_account_cut,
    .row = account_row,
};

// --- outside ------------------------------------------------------------------------------------------------------

void fill_kick(struct core *c) {
    if (!c->fill) return;
    start(&c->fill->conversations);
    start(&c->fill->accounts);
}

static void retry(uv_timer_t *timer) {
    fill_kick(timer->data);
}

void fill_start(struct core *c) {
    struct fill *f = mem_alloc(sizeof *f);
    f->conversations = (struct batch){.core = c, .stream = &CONVERSATIONS};
    f->accounts = (struct batch){.core = c, .stream = &ACCOUNTS};
    c->fill = f;
    uv_timer_init(c->relay->loop, &f->retry);
    f->retry.data = c;
    f->retry.timer_cb = retry;
}

static void closed(uv_handle_t *handle) {
    mem_free((char *)handle - offsetof(struct fill, retry));
}

void fill_stop(struct core *c) {
    struct fill *f = c->fill;
    c->fill = NULL;
    if (f) uv_close((uv_handle_t *)&f->retry, closed);
}
