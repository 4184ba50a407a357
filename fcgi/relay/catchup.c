// SPDX-License-Identifier: Apache-2.0
// Pages for sessions; see catchup.h.
#include "relay/catchup.h"

#include <stdlib.h>
#include <string.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "relay/hello.h"
#include "relay/row.h"
#include "relay/spread.h"

#define BUSY_MIN_MS 1000 // when to come back to a relay whose database is busy or away
#define BUSY_MAX_MS 10000
#define MARKER_BYTES 128 // the longest marker, three ids and a seq
#define MARKERS_SHARE 4  // a call reads thousands of members for each, and a hello may wait behind it

// --- tickets ------------------------------------------------------------------------------------------------------

struct ticket *ticket_new(struct session *s, size_t room) {
    struct ticket *t = mem_alloc(sizeof *t + room * sizeof t->places[0]);
    t->core = s->relay->core;
    t->session = session_ref(s);
    t->generation = s->core->generation;
    return t;
}

bool ticket_good(const struct ticket *t) {
    const struct session *s = t->session;
    return s->core && s->core->generation == t->generation && !t->core->stopping &&
           (s->state == SESSION_HELLO || s->state == SESSION_CATCHING_UP || s->state == SESSION_LIVE);
}

void ticket_free(struct ticket *t) {
    session_unref(t->session);
    mem_free(t);
}

bool ticket_wanted(void *ticket) {
    return ticket_good(ticket);
}

bool ticket_answered(struct ticket *t, const struct reply *reply) {
    if (!ticket_good(t)) return false;
    if (reply->fate == PGLOOP_DONE) return true;
    if (reply->fate == PGLOOP_FAILED) {
        problem why;
        problem_from_result(&why, reply->result);
        log_warn(&t->session->log, "a read failed: %s", error_info(why.code)->name);
    }
    session_end(t->session, ERROR_UNAVAILABLE, spread_between(BUSY_MIN_MS, BUSY_MAX_MS));
    return false;
}

// --- pages --------------------------------------------------------------------------------------------------------

void catchup_places(db_params *p, const struct hub_place *places, size_t n) {
    int64_t *ids = arena_array(p->arena, n, sizeof *ids);
    int64_t *mods = arena_array(p->arena, n, sizeof *mods);
    for (size_t i = 0; i < n; i++) {
        ids[i] = places[i].conversation;
        mods[i] = places[i].mod;
    }
    db_ids(p, ids, n);
    db_ids(p, mods, n);
}

void catchup_send(struct session *s, const char *text, size_t len) {
    struct event *e = event_new(text, len);
    session_send(s, e, EVENT_NORMAL);
    event_unref(e);
}

static bool page_wanted(void *arg) {
    struct ticket *t = arg;
    if (!ticket_good(t)) return false;
    struct core_session *cs = t->session->core;
    t->foreign = 0;
    if (cs->hello) {
        const struct place_list *foreign = &cs->hello->foreign;
        t->foreign = foreign->count < PAGE_CONVERSATIONS ? foreign->count : PAGE_CONVERSATIONS;
        if (t->foreign > 0) memcpy(t->places, foreign->items, t->foreign * sizeof t->places[0]);
    }
    t->count = t->foreign + hub_ask(&cs->hub, t->places + t->foreign, PAGE_CONVERSATIONS - t->foreign);
    return t->count > 0;
}

static void build_page(void *const *args, size_t n, db_params *p) {
    const struct ticket *t = args[0];
    (void)n;
    db_int(p, t->session->account_id);
    catchup_places(p, t->places, t->count);
    db_int(p, PAGE_ROWS);
    db_int(p, (int64_t)core_page_bytes(t->core));
    db_int(p, t->core->relay->cfg->receipts_max_members);
}

// A row of a conversation that the account was not in at its hello: `left`, unless it was added meanwhile.
static void foreign_row(struct core_session *cs, const struct ticket *t, const struct row *r, size_t *told) {
    if (r->kind == 'x') catchup_send(cs->session, r->text, r->len);
    if (r->kind == 'e')
        hub_expect(t->core->hub, &cs->hub, t->places[r->place].conversation, t->places[r->place].mod);
    if (r->kind == 'x' || r->kind == 'e' || r->kind == 'r') *told = r->place + 1;
}

// False when the page ends here.
static bool own_row(struct core_session *cs, const struct ticket *t, const struct row *r) {
    struct hub *hub = t->core->hub;
    int64_t conversation = t->places[r->place].conversation;
    switch (r->kind) {
    case 'e':
        hub_page_end(hub, &cs->hub, conversation, r->mod);
        return true;
    case 'x':
        hub_page_gone(hub, &cs->hub, conversation);
        return true;
    case 'r':
        hello_reset(cs);
        return false;
    default:
        if (hub_page_row(hub, &cs->hub, conversation, r->mod)) catchup_send(cs->session, r->text, r->len);
        return true;
    }
}

static void take_page(struct core_session *cs, const struct ticket *t, const PGresult *result) {
    struct rows rows = rows_of(result);
    struct row r;
    size_t told = 0; // of the foreign ones
    for (int i = 0; ticket_good(t) && rows_at(&rows, i, t->count, &r); i++) {
        if (r.place < t->foreign) {
            foreign_row(cs, t, &r, &told);
        } else if (!own_row(cs, t, &r)) {
            return;
        }
    }
    if (cs->hello) places_shift(&cs->hello->foreign, told);
}

static void page_done(void *arg, const struct reply *reply) {
    struct ticket *t = arg;
    // Nothing was wanted any more when it came to asking.
    bool nothing = reply->fate == PGLOOP_UNSENT && t->count == 0;
    if (ticket_good(t)) {
        struct core_session *cs = t->session->core;
        cs->page_asked = false;
        if (!nothing && ticket_answered(t, reply)) take_page(cs, t, reply->result);
        if (ticket_good(t)) catchup_kick(cs);
    }
    ticket_free(t);
}

static const struct reader_call PAGE = {"live_changes", 1, page_wanted, build_page, page_done};

static bool reading(const struct core_session *cs) {
    return cs->hub.reading > 0 ||
           (cs->hello && cs->hello->phase == HELLO_PAGES && cs->hello->foreign.count > 0);
}

static void ask_markers(struct core_session *cs);

void catchup_kick(struct core_session *cs) {
    if (cs->page_asked) return;
    if (reading(cs)) {
        cs->page_asked = true;
        session_want_drained(cs->session);
    } else {
        hello_done(cs);
    }
}

void catchup_drained(struct core_session *cs) {
    if (cs->markers_due) ask_markers(cs);
    if (!cs->page_asked) return;
    reader_ask(cs->session->relay->core, READER_PAGE, &PAGE, ticket_new(cs->session, PAGE_CONVERSATIONS));
}

// --- markers ------------------------------------------------------------------------------------------------------

// Rows of one page of markers: none is longer than MARKER_BYTES.
static uint32_t marker_rows(const struct core *c) {
    return (uint32_t)(core_page_bytes(c) / MARKER_BYTES);
}

static void build_markers(void *const *args, size_t n, db_params *p) {
    int64_t accounts[READER_SHARE];
    int64_t told[READER_SHARE];
    const struct core *c = ((const struct ticket *)args[0])->core;
    for (size_t i = 0; i < n; i++) {
        const struct ticket *t = args[i];
        accounts[i] = t->session->account_id;
        told[i] = t->session->core->markers;
    }
    db_ids(p, accounts, n);
    db_ids(p, told, n);
    db_int(p, c->relay->cfg->receipts_max_members);
    db_int(p, MARKERS_CONVERSATIONS);
    db_int(p, marker_rows(c));
}

static void take_markers(struct core_session *cs, const struct ticket *t, const struct reply *reply) {
    int conversation = PQfnumber(reply->result, "conversation"), event = PQfnumber(reply->result, "event");
    uint32_t n = (uint32_t)(reply->end - reply->first);
    for (int i = reply->first; i < reply->end; i++) {
        // `left` may have been told meanwhile: nothing comes after it.
        if (hub_member(t->core->hub, &cs->hub, strtoll(PQgetvalue(reply->result, i, conversation), NULL, 10)))
            catchup_send(t->session, PQgetvalue(reply->result, i, event),
                         (size_t)PQgetlength(reply->result, i, event));
    }
    cs->markers += n;
    if (n < marker_rows(t->core) || !ticket_good(t)) return;
    cs->markers_due = true;
    session_want_drained(t->session);
}

static void markers_done(void *arg, const struct reply *reply) {
    struct ticket *t = arg;
    // Markers are not worth a connection: without them the ticks come with the next change.
    if (reply->fate == PGLOOP_DONE && ticket_good(t)) take_markers(t->session->core, t, reply);
    ticket_free(t);
}

static const struct reader_call MARKERS = {"live_markers", MARKERS_SHARE, ticket_wanted, build_markers,
                                           markers_done};

static void ask_markers(struct core_session *cs) {
    cs->markers_due = false;
    reader_ask(cs->session->relay->core, READER_LAST, &MARKERS, ticket_new(cs->session, 0));
}

void catchup_markers(struct core_session *cs) {
    cs->markers = 0;
    ask_markers(cs);
}
