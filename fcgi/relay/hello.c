// SPDX-License-Identifier: Apache-2.0
// From hello to ready; see hello.h.
#include "relay/hello.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/json.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/message.h"
#include "lib/utf8.h"
#include "relay/catchup.h"
#include "relay/command.h"
#include "relay/reader.h"
#include "relay/row.h"
#include "relay/spread.h"

#define BUSY_MIN_MS 1000 // when a client refused for too many hellos comes back
#define BUSY_MAX_MS 10000
#define RESET "{\"type\":\"reset\"}"
#define READY "{\"type\":\"ready\"}"

static const text_rule SHORT_TEXT = {.min = 0, .max = 200};

static void ask_account(struct core_session *cs);

// --- what the client said -----------------------------------------------------------------------------------------

// Members `resume` and `more`; into the hello when h is not NULL.
static void read_resume(const struct core *c, json_reader *in, struct hello *h) {
    struct json_object *resume = json_want_object(in, "resume");
    bool more = json_want_bool(in, "more", false);
    if (h) h->more = more;
    if (!json_ok(in) || !resume) return;
    int most = c->relay->cfg->resume_max;
    if (json_object_object_length(resume) > most) {
        problem_set(in->why, ERROR_INVALID, "resume: expected at most %d conversations; use `more`.", most);
        return;
    }
    json_reader places = json_reader_of(resume, in->why);
    json_object_object_foreach(resume, key, value) {
        (void)value;
        int64_t conversation = id_parse(key, strlen(key));
        int64_t mod = json_need_int(&places, key, 0, SEQ_MAX);
        if (conversation == 0) json_wrong(in, "resume", "ids of conversations as names");
        if (!json_ok(in)) return;
        if (h) places_add(&h->named, conversation, mod);
    }
}

// All members; those of the session go to the session when h is not NULL.
static void read_hello(const struct core *c, json_reader *in, struct hello *h, const char **token,
                       const char **client) {
    *token = json_want_text(in, "token", SHORT_TEXT);
    *client = json_want_text(in, "client", SHORT_TEXT);
    const char *epoch = json_want_text(in, "epoch", SHORT_TEXT);
    int64_t account_mod = json_want_int(in, "account_mod", 0, SEQ_MAX, -1);
    read_resume(c, in, h);
    if (!h) return;
    h->account_mod = account_mod;
    if (epoch) snprintf(h->epoch, sizeof h->epoch, "%s", epoch);
}

bool hello_check(const struct core *c, struct json_object *command, problem *why) {
    const char *token;
    const char *client;
    problem found = {0};
    json_reader in = json_reader_of(command, &found);
    read_hello(c, &in, NULL, &token, &client);
    if (found.code == ERROR_NONE) return true;
    *why = found;
    why->code = ERROR_INVALID;
    return false;
}

// --- life ---------------------------------------------------------------------------------------------------------

void hello_free(struct core_session *cs) {
    struct hello *h = cs->hello;
    if (!h) return;
    places_clear(&h->named);
    places_clear(&h->places);
    places_clear(&h->gone);
    places_clear(&h->foreign);
    mem_free(h);
    cs->hello = NULL;
}

// Whatever is under way for the session counts no more.
static void begin_anew(struct core_session *cs) {
    cs->generation++;
    cs->page_asked = false;
    cs->markers_due = false;
    hello_free(cs);
    hub_leave(cs->session->relay->core->hub, &cs->hub);
}

void hello_reset(struct core_session *cs) {
    begin_anew(cs);
    session_printf(cs->session, EVENT_ANSWER, RESET);
    session_become(cs->session, SESSION_RESET);
}

static struct hello *answered_hello(struct ticket *t, const struct reply *reply) {
    return ticket_answered(t, reply) ? t->session->core->hello : NULL;
}

// --- api.live_hello -----------------------------------------------------------------------------------------------

static void build_hello(void *const *args, size_t n, db_params *p) {
    const uint8_t *tokens[READER_SHARE];
    for (size_t i = 0; i < n; i++) {
        const struct ticket *t = args[i];
        t->session->core->hello->serial = hub_serial(t->core->hub);
        t->session->core->hello->revocations = session_revocations(t->core->relay);
        tokens[i] = t->session->token_hash;
    }
    db_bytes_array(p, tokens, n, TOKEN_HASH);
}

static void send_welcome(struct session *s, const struct reply *row, const char *account_mod,
                         const char *epoch) {
    const struct relay *r = s->relay;
    session_printf(
        s, EVENT_ANSWER,
        "{\"type\":\"welcome\",\"session\":\"%lld\",\"account\":%s,\"account_mod\":%s,\"relay\":\"%s\","
        "\"epoch\":\"%s\",\"heartbeat\":%d,\"time\":\"%s\"}",
        (long long)s->login_id, reply_field(row, "account"), account_mod, r->name, epoch, r->cfg->heartbeat,
        reply_field(row, "time"));
}

// The conversations of the row, as what the session holds unless it names another mod.
static void take_places(struct hello *h, const struct reply *row, arena *scratch) {
    const char *conversations = reply_field(row, "conversations");
    const char *mods = reply_field(row, "mods");
    size_t n = ids_of_array(conversations, NULL, 0);
    if (n == 0 || ids_of_array(mods, NULL, 0) != n) return;
    arena_reset(scratch);
    int64_t *ids = arena_array(scratch, n, sizeof *ids);
    int64_t *counters = arena_array(scratch, n, sizeof *counters);
    ids_of_array(conversations, ids, n);
    ids_of_array(mods, counters, n);
    for (size_t i = 0; i < n; i++)
        places_add(&h->places, ids[i], counters[i]);
}

// Who it is: false when the session has been ended.
static bool identify(struct session *s, const struct reply *row) {
    if (row->first == row->end) {
        session_end(s, s->account_id ? ERROR_REVOKED : ERROR_UNAUTHENTICATED, 0);
        return false;
    }
    int64_t account = strtoll(reply_field(row, "account_id"), NULL, 10);
    if (*reply_field(row, "must_change") == 't') {
        session_end(s, ERROR_PASSWORD_CHANGE, 0);
        return false;
    }
    if (s->account_id && s->account_id != account) {
        session_end(s, ERROR_INVALID, 0);
        return false;
    }
    int64_t login = strtoll(reply_field(row, "session_id"), NULL, 10);
    if (session_revoked_since(s->relay, s->core->hello->revocations, login)) {
        session_end(s, ERROR_REVOKED, 0);
        return false;
    }
    session_identified(s, account, login);
    return !session_ended(s);
}

static void hello_answered(struct core_session *cs, const struct reply *row) {
    struct core *c = cs->session->relay->core;
    struct session *s = cs->session;
    if (!identify(s, row)) return;
    struct hello *h = cs->hello;
    const char *epoch = reply_field(row, "epoch");
    const char *account_mod = reply_field(row, "account_mod");
    int64_t counter = strtoll(account_mod, NULL, 10);
    core_epoch(c, epoch);
    send_welcome(s, row, account_mod, epoch);
    session_become(s, SESSION_CATCHING_UP);
    if ((*h->epoch && strcmp(h->epoch, epoch) != 0) || h->account_mod > counter) {
        hello_reset(cs);
    } else {
        h->counter = counter;
        if (h->account_mod < 0) h->account_mod = counter;
        take_places(h, row, c->scratch);
        hub_enter(c->hub, &cs->hub, cs, s->account_id, counter, h->places.items, h->places.count, h->serial);
        h->phase = HELLO_ACCOUNT;
        ask_account(cs);
    }
    command_run_held(cs);
}

static void hello_done_asking(void *arg, const struct reply *reply) {
    struct ticket *t = arg;
    if (answered_hello(t, reply)) hello_answered(t->session->core, reply);
    core_changed(t->core);
    ticket_free(t);
}

static const struct reader_call HELLO = {"live_hello", READER_SHARE, ticket_wanted, build_hello,
                                         hello_done_asking};

// --- the account --------------------------------------------------------------------------------------------------

static void build_account(void *const *args, size_t n, db_params *p) {
    const struct ticket *t = args[0];
    (void)n;
    db_ids(p, &t->session->account_id, 1);
    db_ids(p, &t->session->core->hello->account_mod, 1);
    db_int(p, PAGE_ROWS);
    db_int(p, t->core->relay->cfg->receipts_max_members);
}

// All that the client named has come: what it misses is read.
static void resume_all(struct core_session *cs) {
    struct hello *h = cs->hello;
    places_sort(&h->named);
    for (size_t i = 0; i < h->named.count; i++) {
        const struct hub_place *named = &h->named.items[i];
        struct hub_place *place = places_find(&h->places, named->conversation);
        if (place && named->mod > place->mod) {
            hello_reset(cs);
            return;
        }
        if (place) {
            place->mod = named->mod;
        } else if (!places_find(&h->gone, named->conversation)) {
            places_add(&h->foreign, named->conversation, named->mod);
        }
    }
    hub_release(cs->session->relay->core->hub, &cs->hub, h->places.items, h->places.count);
    places_clear(&h->named);
    places_clear(&h->places);
    places_clear(&h->gone);
    h->phase = HELLO_PAGES;
    catchup_kick(cs);
}

static void account_caught(struct core_session *cs) {
    if (cs->hello->more) {
        cs->hello->phase = HELLO_RESUMING;
    } else {
        resume_all(cs);
    }
}

static void account_row(struct core_session *cs, const struct row *r) {
    struct hello *h = cs->hello;
    catchup_send(cs->session, r->text, r->len);
    h->account_mod = r->account_mod;
    if (r->kind == '+') {
        places_put(&h->places, r->conversation, r->mod);
        places_remove(&h->gone, r->conversation);
    } else if (r->kind == '-') {
        places_remove(&h->places, r->conversation);
        places_put(&h->gone, r->conversation, r->mod);
    }
}

// Takes rows as long as they fit into a page; what is left is asked for again, when the queue has drained.
static void account_page(struct core_session *cs, const PGresult *result) {
    struct rows rows = rows_of(result);
    struct row r;
    size_t most = core_page_bytes(cs->session->relay->core);
    size_t bytes = 0;
    for (int i = 0; rows_at(&rows, i, 1, &r); i++) {
        if (r.kind == 'x') {
            hello_reset(cs);
            return;
        }
        if (r.kind == 'e') {
            cs->hello->account_mod = r.account_mod;
            ask_account(cs);
            return;
        }
        bytes += r.len;
        if (i > 0 && bytes > most) break;
        account_row(cs, &r);
    }
    cs->hello->drain_wanted = true;
    session_want_drained(cs->session);
}

static void account_done(void *arg, const struct reply *reply) {
    struct ticket *t = arg;
    if (answered_hello(t, reply)) account_page(t->session->core, reply->result);
    core_changed(t->core);
    ticket_free(t);
}

static const struct reader_call ACCOUNT = {"live_account_changes", 1, ticket_wanted, build_account,
                                           account_done};

// The account has been read up to hello->account_mod: enough, or the next page.
static void ask_account(struct core_session *cs) {
    struct core *c = cs->session->relay->core;
    if (cs->hello->account_mod >= cs->hello->counter &&
        hub_account_caught(c->hub, &cs->hub, cs->hello->account_mod)) {
        account_caught(cs);
    } else {
        reader_ask(c, READER_PAGE, &ACCOUNT, ticket_new(cs->session, 0));
    }
}

// --- outside ------------------------------------------------------------------------------------------------------

// False when the session has been ended for want of a credential.
static bool take_token(struct session *s, const char *token) {
    // A token counts where neither cookie nor header brought one, and again when such a session says hello anew.
    if (token && (!s->has_token || s->core->token_said)) {
        if (!token_valid(token, strlen(token))) {
            session_end(s, ERROR_UNAUTHENTICATED, 0);
            return false;
        }
        token_hash(token, s->token_hash);
        s->has_token = s->core->token_said = true;
    }
    if (!s->has_token) session_end(s, ERROR_UNAUTHENTICATED, 0);
    return s->has_token;
}

void hello_start(struct core_session *cs, struct json_object *command) {
    struct session *s = cs->session;
    const char *token;
    const char *client;
    problem ignored = {0};
    json_reader in = json_reader_of(command, &ignored);
    begin_anew(cs);
    cs->hello = mem_alloc(sizeof *cs->hello);
    read_hello(s->relay->core, &in, cs->hello, &token, &client);
    if (client)
        snprintf(s->client, sizeof s->client, "%.*s",
                 (int)utf8_cut(client, strlen(client), sizeof s->client - 1), client);
    if (!take_token(s, token)) return;
    session_become(s, SESSION_HELLO);
    struct ticket *t = ticket_new(s, 0);
    if (!reader_ask(s->relay->core, READER_HELLO, &HELLO, t)) {
        ticket_free(t);
        session_end(s, ERROR_UNAVAILABLE, spread_between(BUSY_MIN_MS, BUSY_MAX_MS));
    }
}

void hello_resume(struct core_session *cs, struct json_object *command, problem *why) {
    struct hello *h = cs->hello;
    if (!h || !h->more) {
        problem_set(why, ERROR_INVALID, "resume: expected after a hello or resume with `more`.");
        return;
    }
    json_reader in = json_reader_of(command, why);
    read_resume(cs->session->relay->core, &in, NULL);
    if (!json_ok(&in)) return;
    read_resume(cs->session->relay->core, &in, h);
    if (h->named.count > HELLO_PLACES) {
        session_end(cs->session, ERROR_INVALID, 0);
    } else if (!h->more && h->phase == HELLO_RESUMING) {
        resume_all(cs);
    }
}

void hello_added(struct core_session *cs, int64_t conversation, int64_t mod) {
    struct hello *h = cs->hello;
    if (h && !places_find(&h->places, conversation)) places_put(&h->places, conversation, mod);
}

void hello_drained(struct core_session *cs) {
    if (!cs->hello || !cs->hello->drain_wanted) return;
    cs->hello->drain_wanted = false;
    ask_account(cs);
}

void hello_done(struct core_session *cs) {
    if (!cs->hello || cs->hello->phase != HELLO_PAGES) return;
    hello_free(cs);
    session_become(cs->session, SESSION_LIVE);
    session_printf(cs->session, EVENT_NORMAL, READY);
    catchup_markers(cs);
}
