// SPDX-License-Identifier: Apache-2.0
// The hub against a model: a small database, a relay and clients, all moved by chance. Notifications are lost, doubled and
// late; each read sees the database as it was at some moment between question and answer; reads are cut and fail; clients come,
// go, resume and lose their cache; members leave and come back. Whatever happens, each client must hear each conversation in
// strictly rising mod, nothing of one it was told to have left, and when all is quiet it holds what the database holds.
//
// A run is named by its seed: hub_model_test SEED repeats it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "relay/hub.h"
#include "relay/places.h"

#define CONVERSATIONS 4
#define ACCOUNTS 4
#define CLIENTS 7
#define MESSAGES 60
#define STEPS 1500
#define SEEDS 3000

static uint64_t chaos;

static int below(int n) {
    chaos ^= chaos << 13;
    chaos ^= chaos >> 7;
    chaos ^= chaos << 17;
    return (int)(chaos % (uint64_t)n);
}

// --- the database -------------------------------------------------------------------------------------------------

struct member {
    bool in;
    int mod;                       // of the conversation
    int account_mod, joined, read; // of the account
};

struct store {
    int mod[CONVERSATIONS];
    int last_seq[CONVERSATIONS];
    int message[CONVERSATIONS][MESSAGES]; // mod by seq
    int changed[CONVERSATIONS];
    int account_mod[ACCOUNTS];
    struct member member[CONVERSATIONS][ACCOUNTS];
};

struct note {
    char kind; // m, c, a
    int id, mod, seq, sender;
};

static struct store now;
static struct note inbox[4 * STEPS];
static int inbox_count, inbox_read;
static struct note hints[4 * STEPS]; // all there ever were
static int hints_count, hints_seen;

static void tell(struct note n) {
    hints[hints_count++] = n;
    if (below(5) == 0) return; // lost
    inbox[inbox_count++] = n;
    if (below(8) == 0) inbox[inbox_count++] = n; // doubled
}

static void tell_conversation(int c) {
    tell((struct note){.kind = 'c', .id = c, .mod = now.mod[c]});
}

static void touch_account(int c, int a) {
    now.member[c][a].account_mod = ++now.account_mod[a];
    tell((struct note){.kind = 'a', .id = a, .mod = now.account_mod[a]});
}

static void set_member(int c, int a, bool in) {
    struct member *m = &now.member[c][a];
    m->in = in;
    m->mod = ++now.mod[c];
    tell_conversation(c);
    touch_account(c, a);
    if (in) m->joined = m->account_mod;
}

static void write_something(void) {
    int c = below(CONVERSATIONS);
    int a = below(ACCOUNTS);
    struct member *m = &now.member[c][a];
    int what = below(10);
    if (what < 5 && m->in && now.last_seq[c] < MESSAGES) {
        int seq = now.last_seq[c]++;
        now.message[c][seq] = ++now.mod[c];
        tell((struct note){.kind = 'm', .id = c, .mod = now.mod[c], .seq = seq, .sender = a});
    } else if (what == 5 && now.last_seq[c] > 0) {
        now.message[c][below(now.last_seq[c])] = ++now.mod[c];
        tell_conversation(c);
    } else if (what == 6) {
        now.changed[c] = ++now.mod[c];
        tell_conversation(c);
    } else if (what == 7 && m->in) {
        touch_account(c, a);
        m->read = m->account_mod;
    } else if (what >= 8) {
        set_member(c, a, !m->in);
    }
}

// --- reads: what the SQL functions answer out of one snapshot -----------------------------------------------------

struct found {
    char kind;
    int mod, subject, seq;
};

static int by_mod(const void *one, const void *other) {
    return ((const struct found *)one)->mod - ((const struct found *)other)->mod;
}

static int changes(const struct store *d, int c, int since, struct found *out) {
    int n = 0;
    for (int seq = 0; seq < d->last_seq[c]; seq++) {
        if (d->message[c][seq] > since) out[n++] = (struct found){'m', d->message[c][seq], 0, seq};
    }
    for (int a = 0; a < ACCOUNTS; a++) {
        const struct member *m = &d->member[c][a];
        if (m->mod > since) out[n++] = (struct found){m->in ? 'u' : 'l', m->mod, a, 0};
    }
    if (d->changed[c] > since) out[n++] = (struct found){'c', d->changed[c], 0, 0};
    qsort(out, (size_t)n, sizeof *out, by_mod);
    return n;
}

static int account_changes(const struct store *d, int a, int since, struct found *out) {
    int n = 0;
    for (int c = 0; c < CONVERSATIONS; c++) {
        const struct member *m = &d->member[c][a];
        if (!m->in && m->account_mod > since) out[n++] = (struct found){'-', m->account_mod, c, m->mod};
        if (m->in && m->joined > since) out[n++] = (struct found){'+', m->joined, c, d->mod[c]};
        if (m->in && m->read > since) out[n++] = (struct found){'r', m->read, c, 0};
    }
    qsort(out, (size_t)n, sizeof *out, by_mod);
    return n;
}

static int row_text(char *text, size_t cap, int c, const struct found *f) {
    return snprintf(text, cap, "{%c %d %d %d}", f->kind, c, f->mod, f->seq);
}

// A question on its way, and the database as it was when it was executed.
struct query {
    enum { IDLE, ASKED, EXECUTED } state;
    struct store seen;
    struct hub_place places[CONVERSATIONS];
    size_t count;
};

static void execute(struct query *q) {
    if (q->state != ASKED) return;
    q->seen = now;
    q->state = EXECUTED;
}

// --- clients ------------------------------------------------------------------------------------------------------

enum phase { OFF, HELLO, ACCOUNT, PAGES, LIVE };

struct client {
    struct hub_session session;
    int account;
    enum phase phase;
    struct query query;
    uint64_t serial;
    int since;   // how far its account was read in this hello
    int counter; // welcome.account_mod
    struct place_list places;
    // what the client holds
    bool cached;
    int account_mod;
    bool known[CONVERSATIONS];
    int cursor[CONVERSATIONS];
    int base[CONVERSATIONS]; // read by history up to here
    int message[CONVERSATIONS][MESSAGES];
    // what the connection told
    int told[CONVERSATIONS];
    int told_account;
};

static struct client clients[CLIENTS];
static struct hub *hub;
static uint64_t seed;

#define CHECK(what)                                                              \
    do {                                                                         \
        if (!(what)) fail_msg("seed %llu: %s", (unsigned long long)seed, #what); \
    } while (0)

static void hear_row(struct client *cl, char kind, int c, int mod, int seq) {
    CHECK(cl->known[c]);
    CHECK(mod > cl->told[c]);
    CHECK(mod > cl->cursor[c]);
    cl->told[c] = mod;
    cl->cursor[c] = mod;
    if (kind == 'm') cl->message[c][seq] = mod;
}

static void hear_account(struct client *cl, char kind, int c, int account_mod, int mod) {
    CHECK(account_mod > cl->told_account);
    cl->told_account = account_mod;
    cl->account_mod = account_mod;
    if (kind == '+' && !cl->known[c]) {
        cl->known[c] = true;
        cl->cursor[c] = cl->base[c] = mod;
    } else if (kind == '-') {
        cl->known[c] = false;
        cl->told[c] = 0;
    }
}

static void hear(struct client *cl, const char *text) {
    char kind;
    int c, mod, rest;
    const char *ref = "{\"ref\":\"r\",";
    bool with_ref = strncmp(text, ref, strlen(ref)) == 0;
    CHECK(sscanf(text + (with_ref ? strlen(ref) : 1), "%c %d %d %d", &kind, &c, &mod, &rest) == 4);
    if (kind == '+' || kind == '-' || kind == 'r') {
        hear_account(cl, kind, c, mod, rest);
    } else {
        hear_row(cl, kind, c, mod, rest);
    }
}

static void on_send(void *owner, struct event *e, enum event_kind kind) {
    (void)kind;
    char text[64];
    snprintf(text, sizeof text, "%.*s", (int)e->len, event_text(e));
    hear(owner, text);
}

static void on_read(void *owner, int64_t conversation, int64_t mod) {
    struct client *cl = owner;
    if (cl->session.held && !places_find(&cl->places, conversation))
        places_put(&cl->places, conversation, mod);
}

static const struct hub_ops OPS = {on_send, on_read};

static void go_off(struct client *cl) {
    hub_leave(hub, &cl->session);
    places_clear(&cl->places);
    cl->query.state = IDLE;
    cl->phase = OFF;
}

// The list, as a client without a cache reads it before its hello.
static void read_list(struct client *cl) {
    cl->cached = true;
    cl->account_mod = now.account_mod[cl->account];
    for (int c = 0; c < CONVERSATIONS; c++) {
        cl->known[c] = now.member[c][cl->account].in;
        cl->cursor[c] = cl->base[c] = now.mod[c];
    }
    memset(cl->message, 0, sizeof cl->message);
}

static void say_hello(struct client *cl) {
    go_off(cl);
    if (!cl->cached || below(6) == 0) read_list(cl);
    memset(cl->told, 0, sizeof cl->told);
    cl->told_account = 0;
    cl->phase = HELLO;
    cl->query.state = ASKED;
    cl->serial = hub_serial(hub);
}

// The relay's side of a hello, step by step, as hello.c and catchup.c do it.
static void let_go(struct client *cl) {
    for (int c = 0; c < CONVERSATIONS; c++) {
        struct hub_place *p = places_find(&cl->places, c + 1);
        if (p && cl->known[c]) {
            CHECK(cl->cursor[c] <= p->mod);
            p->mod = cl->cursor[c];
        }
    }
    hub_release(hub, &cl->session, cl->places.items, cl->places.count);
    places_clear(&cl->places);
    cl->phase = PAGES;
    cl->query.state = IDLE;
}

static void account_read(struct client *cl) {
    if (cl->since >= cl->counter && hub_account_caught(hub, &cl->session, cl->since)) {
        let_go(cl);
    } else {
        cl->query.state = ASKED;
    }
}

static void hello_answered(struct client *cl) {
    const struct store *d = &cl->query.seen;
    for (int c = 0; c < CONVERSATIONS; c++) {
        if (d->member[c][cl->account].in) places_add(&cl->places, c + 1, d->mod[c]);
    }
    cl->counter = d->account_mod[cl->account];
    hub_enter(hub, &cl->session, cl, cl->account + 1, cl->counter, cl->places.items, cl->places.count,
              cl->serial);
    cl->since = cl->account_mod;
    cl->phase = ACCOUNT;
    account_read(cl);
}

static void account_answered(struct client *cl) {
    struct found found[3 * CONVERSATIONS];
    char text[64];
    int n = account_changes(&cl->query.seen, cl->account, cl->since, found);
    int most = 1 + below(4);
    for (int i = 0; i < n && i < most; i++) {
        int c = found[i].subject;
        snprintf(text, sizeof text, "{%c %d %d %d}", found[i].kind, c, found[i].mod, found[i].seq);
        hear(cl, text);
        cl->since = found[i].mod;
        if (found[i].kind == '+') places_put(&cl->places, c + 1, found[i].seq);
        if (found[i].kind == '-') places_remove(&cl->places, c + 1);
    }
    cl->query.state = ASKED;
    if (n > most) return;
    cl->since = cl->query.seen.account_mod[cl->account];
    account_read(cl);
}

static void ask_page(struct client *cl) {
    cl->query.count = hub_ask(&cl->session, cl->query.places, (size_t)(1 + below(CONVERSATIONS)));
    cl->query.state = ASKED;
}

static void page_answered(struct client *cl) {
    struct found found[MESSAGES + ACCOUNTS + 1];
    char text[64];
    int room = 1 + below(8);
    cl->query.state = IDLE;
    for (size_t i = 0; i < cl->query.count; i++) {
        int64_t id = cl->query.places[i].conversation;
        int c = (int)id - 1;
        if (!cl->query.seen.member[c][cl->account].in) {
            hub_page_gone(hub, &cl->session, id);
            continue;
        }
        int n = changes(&cl->query.seen, c, (int)cl->query.places[i].mod, found);
        for (int k = 0; k < n; k++) {
            if (room-- == 0) return;
            row_text(text, sizeof text, c, &found[k]);
            if (hub_page_row(hub, &cl->session, id, found[k].mod)) hear(cl, text);
        }
        hub_page_end(hub, &cl->session, id, cl->query.seen.mod[c]);
    }
}

static void move_client(struct client *cl) {
    struct query *q = &cl->query;
    if (cl->phase == OFF || below(60) == 0) {
        if (below(3) == 0) say_hello(cl);
    } else if (below(80) == 0) {
        go_off(cl);
    } else if (q->state == ASKED) {
        if (below(2)) execute(q);
    } else if (q->state == EXECUTED) {
        if (below(2)) return;
        if (cl->phase == HELLO)
            hello_answered(cl);
        else if (cl->phase == ACCOUNT)
            account_answered(cl);
        else
            page_answered(cl);
    } else if (cl->session.reading > 0) {
        ask_page(cl);
    } else if (cl->phase == PAGES) {
        cl->phase = LIVE;
        if (cl->counter > cl->account_mod) cl->account_mod = cl->counter;
    }
}

// --- the relay's own reads ----------------------------------------------------------------------------------------

static struct query fill, account_fill;

static void answer_fill(struct query *q) {
    struct found found[MESSAGES + ACCOUNTS + 1];
    char text[64];
    int room = 1 + below(20);
    bool failed = below(10) == 0;
    q->state = IDLE;
    for (size_t i = 0; i < q->count; i++) {
        int64_t id = q->places[i].conversation;
        int c = (int)id - 1;
        int n = failed ? 0 : changes(&q->seen, c, (int)q->places[i].mod, found);
        int k = 0;
        for (; k < n && room > 0; k++, room--) {
            row_text(text, sizeof text, c, &found[k]);
            hub_row(hub, id, found[k].kind, found[k].mod, found[k].subject + 1,
                    found[k].kind == 'm' ? "r" : NULL, text, strlen(text));
        }
        if (failed || k < n) {
            hub_row_cut(hub, id);
        } else {
            hub_row_end(hub, id, q->seen.mod[c]);
        }
    }
}

static void answer_account_fill(struct query *q) {
    struct found found[3 * CONVERSATIONS];
    char text[64];
    q->state = IDLE;
    for (size_t i = 0; i < q->count; i++) {
        int64_t id = q->places[i].conversation;
        int n = account_changes(&q->seen, (int)id - 1, (int)q->places[i].mod, found);
        int most = 1 + below(6);
        for (int k = 0; k < n && k < most; k++) {
            snprintf(text, sizeof text, "{%c %d %d %d}", found[k].kind, found[k].subject, found[k].mod,
                     found[k].seq);
            hub_account_row(hub, id, found[k].kind, found[k].mod, found[k].subject + 1, found[k].seq, text,
                            strlen(text));
        }
        if (n > most) {
            hub_account_cut(hub, id);
        } else {
            hub_account_end(hub, id, q->seen.account_mod[id - 1]);
        }
    }
}

static void move_fill(struct query *q, size_t (*wanted)(struct hub *, struct hub_place *, size_t),
                      void (*answer)(struct query *)) {
    if (q->state == ASKED) {
        if (below(2)) execute(q);
    } else if (q->state == EXECUTED) {
        if (below(2)) answer(q);
    } else {
        q->count = wanted(hub, q->places, (size_t)(1 + below(CONVERSATIONS)));
        if (q->count > 0) q->state = ASKED;
    }
}

static void take(const struct note *n) {
    char text[64];
    if (n->kind == 'm') {
        int len = snprintf(text, sizeof text, "{m %d %d %d}", n->id, n->mod, n->seq);
        hub_message(hub, n->id + 1, n->mod, n->sender + 1, "r", text, (size_t)len);
    } else if (n->kind == 'c') {
        hub_hint(hub, n->id + 1, n->mod);
    } else {
        hub_account_hint(hub, n->id + 1, n->mod);
    }
}

static void reconcile(void) {
    while (hints_seen < hints_count) {
        struct note n = hints[hints_seen++];
        if (n.kind == 'm') n.kind = 'c'; // hints hold no bodies
        take(&n);
    }
}

static void move_relay(void) {
    if (inbox_read < inbox_count && below(2)) take(&inbox[inbox_read++]);
    if (below(40) == 0) reconcile();
    move_fill(&fill, hub_wanted, answer_fill);
    move_fill(&account_fill, hub_accounts_wanted, answer_account_fill);
}

// --- the run ------------------------------------------------------------------------------------------------------

static bool quiet(void) {
    bool all = fill.state == IDLE && account_fill.state == IDLE;
    for (int i = 0; i < CLIENTS; i++)
        all = all && (clients[i].phase == LIVE || clients[i].phase == OFF) &&
              clients[i].query.state == IDLE && clients[i].session.reading == 0;
    return all;
}

// Everything that was told arrives, nobody writes; those who are off come once more.
static void calm_down(void) {
    for (int i = 0; i < CLIENTS; i++) {
        if (clients[i].phase == OFF) say_hello(&clients[i]);
    }
    for (int still = 0, turns = 0; still < 50; turns++) {
        CHECK(turns < 20000);
        reconcile();
        move_relay();
        for (int i = 0; i < CLIENTS; i++) {
            if (clients[i].phase != LIVE || clients[i].query.state != IDLE ||
                clients[i].session.reading > 0) {
                move_client(&clients[i]);
            }
        }
        still = quiet() ? still + 1 : 0;
    }
}

static void compare(const struct client *cl) {
    if (cl->phase != LIVE) return;
    CHECK(cl->account_mod == now.account_mod[cl->account]);
    for (int c = 0; c < CONVERSATIONS; c++) {
        CHECK(cl->known[c] == now.member[c][cl->account].in);
        if (!cl->known[c]) continue;
        for (int seq = 0; seq < now.last_seq[c]; seq++) {
            if (now.message[c][seq] > cl->base[c]) CHECK(cl->message[c][seq] == now.message[c][seq]);
        }
    }
}

static void run(uint64_t number) {
    seed = number;
    chaos = number * 0x9E3779B97F4A7C15u + 1;
    memset(&now, 0, sizeof now);
    memset(clients, 0, sizeof clients);
    memset(&fill, 0, sizeof fill);
    memset(&account_fill, 0, sizeof account_fill);
    inbox_count = inbox_read = hints_count = hints_seen = 0;
    hub = hub_create(&OPS);
    for (int i = 0; i < CLIENTS; i++)
        clients[i].account = i % ACCOUNTS;
    for (int i = 0; i < STEPS; i++) {
        if (below(4) == 0) write_something();
        move_relay();
        move_client(&clients[below(CLIENTS)]);
    }
    calm_down();
    for (int i = 0; i < CLIENTS; i++) {
        compare(&clients[i]);
        go_off(&clients[i]);
    }
    assert_int_equal(hub_accounts(hub), 0);
    assert_int_equal(hub_conversations(hub), 0);
    hub_destroy(hub);
}

static uint64_t only;

static void whatever_happens_clients_hold_what_the_database_holds(void **state) {
    (void)state;
    if (only) {
        run(only);
        return;
    }
    for (uint64_t i = 1; i <= SEEDS; i++)
        run(i);
}

int main(int argc, char **argv) {
    if (argc > 1) only = strtoull(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_happens_clients_hold_what_the_database_holds),
    };
    return cmocka_run_group_tests_name("hub model", tests, NULL, NULL);
}
