// SPDX-License-Identifier: Apache-2.0
// The hub's rules: what is delivered to whom, in which order; see hub.h for the invariants, hub_index.h for the memory.
#include "relay/hub.h"

#include <string.h>

#include "lib/mem.h"
#include "relay/hub_index.h"

struct hub *hub_create(const struct hub_ops *ops) {
    struct hub *h = mem_alloc(sizeof *h);
    h->ops = *ops;
    return h;
}

void hub_destroy(struct hub *h) {
    if (!h) return;
    hub_clear(h);
    mem_free(h);
}

void hub_clear(struct hub *h) {
    for (;;) {
        size_t at = 0;
        struct hub_account *a = idmap_next(&h->accounts, &at, NULL);
        if (!a) break;
        hub_leave(h, a->sessions[0]);
    }
}

// --- hints --------------------------------------------------------------------------------------------------------

static void remember(struct hub *h, int64_t id, int64_t mod, bool account) {
    h->ring[h->serial % HUB_RING] = (struct hub_seen){.id = id, .mod = mod, .account = account};
    h->serial++;
}

static void hint(struct hub_list *list, struct hub_unread *u, int64_t mod) {
    if (mod > u->hinted) u->hinted = mod;
    if (u->hinted > u->delivered && u->state == HUB_QUIET) hub_want(list, u);
}

static void hint_known(struct hub *h, const struct hub_seen *seen) {
    if (seen->account) {
        struct hub_account *a = hub_account_of(h, seen->id);
        if (a) hint(&h->accounts_wanted, &a->unread, seen->mod);
    } else {
        struct hub_conversation *c = hub_conversation_of(h, seen->id);
        if (c) hint(&h->wanted, &c->unread, seen->mod);
    }
}

void hub_hint(struct hub *h, int64_t conversation, int64_t mod) {
    remember(h, conversation, mod, false);
    hint_known(h, &(struct hub_seen){.id = conversation, .mod = mod});
}

void hub_account_hint(struct hub *h, int64_t account, int64_t mod) {
    remember(h, account, mod, true);
    hint_known(h, &(struct hub_seen){.id = account, .mod = mod, .account = true});
}

void hub_want_all(struct hub *h) {
    struct hub_conversation *c;
    struct hub_account *a;
    for (size_t at = 0; (c = idmap_next(&h->conversations, &at, NULL));) {
        if (c->unread.state == HUB_QUIET) hub_want(&h->wanted, &c->unread);
    }
    for (size_t at = 0; (a = idmap_next(&h->accounts, &at, NULL));) {
        if (a->unread.state == HUB_QUIET) hub_want(&h->accounts_wanted, &a->unread);
    }
}

// --- fan-out ------------------------------------------------------------------------------------------------------

// One delivery: rows have a mod, which a FLOOR is compared with; what has none (markers, typing) has mod INT64_MAX.
struct delivery {
    int64_t conversation;
    int64_t mod;
    int64_t special; // account that gets `other` instead of `event`; NULL = nothing
    struct event *event;
    struct event *other;
    enum event_kind kind;
};

static bool passes(struct hub_session *s, const struct delivery *d) {
    struct hub_exception *e = hub_exception_find(s, d->conversation);
    if (!e) return true;
    if (e->state != HUB_FLOOR || d->mod <= e->mod) return false;
    if (d->mod != INT64_MAX) hub_exception_remove(s, e);
    return true;
}

static void deliver_account(struct hub *h, struct hub_account *a, const struct delivery *d) {
    struct event *e = a->unread.id == d->special ? d->other : d->event;
    if (!e) return;
    for (uint32_t i = 0; i < a->count; i++) {
        struct hub_session *s = a->sessions[i];
        if (s->held || (s->count > 0 && !passes(s, d))) continue;
        h->ops.send(s->owner, e, d->kind);
    }
}

static void deliver(struct hub *h, const struct hub_conversation *c, const struct delivery *d) {
    for (uint32_t i = 0; i < c->count; i++)
        deliver_account(h, c->members[i].account, d);
}

void hub_tell(struct hub *h, int64_t conversation, int64_t account, struct event *e, enum event_kind kind) {
    struct hub_conversation *c = hub_conversation_of(h, conversation);
    if (!c) return;
    deliver(
        h, c,
        &(struct delivery){
            .conversation = conversation, .mod = INT64_MAX, .special = account, .event = e, .kind = kind});
}

// --- rows of a conversation ---------------------------------------------------------------------------------------

// The event with its ref, for the sender's sessions.
static struct event *with_ref(const char *ref, const char *text, size_t len) {
    return event_printf("{\"ref\":\"%s\",%.*s", ref, (int)len - 1, text + 1);
}

// A row to all members; of a message its sender's sessions see the ref too.
static void deliver_row(struct hub *h, struct hub_conversation *c, int64_t mod, int64_t sender,
                        const char *ref, const char *text, size_t len) {
    bool here = ref && hub_member_find(c, hub_account_of(h, sender));
    struct delivery d = {.conversation = c->unread.id, .mod = mod, .event = event_new(text, len)};
    if (here) {
        d.special = sender;
        d.other = with_ref(ref, text, len);
    }
    deliver(h, c, &d);
    event_unref(d.event);
    event_unref(d.other);
}

// An account is out; what its sessions hold of the conversation is kept until its own stream says how it stands now.
static void remove_member(struct hub *h, struct hub_conversation *c, struct hub_member *m, int64_t mod) {
    struct hub_account *a = m->account;
    for (uint32_t i = 0; i < a->count; i++) {
        struct hub_session *s = a->sessions[i];
        if (s->held) continue;
        struct hub_exception *e = hub_exception_find(s, c->unread.id);
        hub_exception_set(s, c->unread.id,
                          !e                                      ? mod
                          : e->state == HUB_FLOOR && e->mod < mod ? mod
                                                                  : e->mod,
                          HUB_WAITING);
    }
    hub_member_remove(h, c, m);
}

// `left`: to all others; the account itself hears it from its own stream, once.
static void deliver_left(struct hub *h, struct hub_conversation *c, int64_t mod, int64_t account,
                         const char *text, size_t len) {
    struct delivery d = {
        .conversation = c->unread.id, .mod = mod, .special = account, .event = event_new(text, len)};
    deliver(h, c, &d);
    event_unref(d.event);
    struct hub_member *m = hub_member_find(c, hub_account_of(h, account));
    if (m && m->since < mod) remove_member(h, c, m, mod);
}

void hub_message(struct hub *h, int64_t conversation, int64_t mod, int64_t sender, const char *ref,
                 const char *text, size_t len) {
    struct hub_conversation *c = hub_conversation_of(h, conversation);
    if (!c || mod != c->unread.delivered + 1) {
        hub_hint(h, conversation, mod);
        return;
    }
    remember(h, conversation, mod, false);
    c->unread.delivered = mod;
    if (mod > c->unread.hinted) c->unread.hinted = mod;
    deliver_row(h, c, mod, sender, ref, text, len);
}

size_t hub_wanted(struct hub *h, struct hub_place *out, size_t max) {
    size_t n = 0;
    struct hub_unread *u;
    while (n < max && (u = hub_take(&h->wanted)))
        out[n++] = (struct hub_place){.conversation = u->id, .mod = u->delivered};
    return n;
}

// The conversation if it is being read: one that went away and came back meanwhile is another.
static struct hub_conversation *asked(const struct hub *h, int64_t conversation) {
    struct hub_conversation *c = hub_conversation_of(h, conversation);
    return c && c->unread.state == HUB_ASKED ? c : NULL;
}

void hub_row(struct hub *h, int64_t conversation, char kind, int64_t mod, int64_t subject, const char *ref,
             const char *text, size_t len) {
    struct hub_conversation *c = asked(h, conversation);
    if (!c || mod <= c->unread.delivered) return;
    c->unread.delivered = mod;
    if (kind == 'l') {
        deliver_left(h, c, mod, subject, text, len);
    } else {
        deliver_row(h, c, mod, subject, kind == 'm' ? ref : NULL, text, len);
    }
}

// Reading has ended: quiet, or wanted again when more was hinted meanwhile.
static void settle(struct hub_list *list, struct hub_unread *u, int64_t mod) {
    if (mod > u->delivered) u->delivered = mod;
    u->state = HUB_QUIET;
    hint(list, u, u->delivered);
}

void hub_row_end(struct hub *h, int64_t conversation, int64_t mod) {
    struct hub_conversation *c = asked(h, conversation);
    if (c) settle(&h->wanted, &c->unread, mod);
}

void hub_row_cut(struct hub *h, int64_t conversation) {
    struct hub_conversation *c = asked(h, conversation);
    if (c) hub_want(&h->wanted, &c->unread);
}

void hub_row_gone(struct hub *h, int64_t conversation) {
    struct hub_conversation *c = asked(h, conversation);
    if (c) settle(&h->wanted, &c->unread, c->unread.hinted);
}

// --- rows of an account -------------------------------------------------------------------------------------------

size_t hub_accounts_wanted(struct hub *h, struct hub_place *out, size_t max) {
    size_t n = 0;
    struct hub_unread *u;
    while (n < max && (u = hub_take(&h->accounts_wanted))) {
        u->serial = h->serial;
        out[n++] = (struct hub_place){.conversation = u->id, .mod = u->delivered};
    }
    return n;
}

static struct hub_account *account_asked(const struct hub *h, int64_t account) {
    struct hub_account *a = hub_account_of(h, account);
    return a && a->unread.state == HUB_ASKED ? a : NULL;
}

static void begin_reading(struct hub *h, struct hub_session *s, int64_t conversation, int64_t mod) {
    hub_exception_set(s, conversation, mod, HUB_READING);
    h->ops.read(s->owner, conversation, mod);
}

// The session has the conversation up to mod, and is a member: how does it go on?
static void begin(struct hub *h, struct hub_session *s, struct hub_conversation *c, int64_t mod) {
    int64_t id = c->unread.id;
    struct hub_exception *e = hub_exception_find(s, id);
    if (c->unread.delivered > mod) {
        begin_reading(h, s, id, mod);
    } else if (c->unread.delivered < mod) {
        hub_exception_set(s, id, mod, HUB_FLOOR);
        hint(&h->wanted, &c->unread, mod);
    } else if (e) {
        hub_exception_remove(s, e);
    }
}

// A conversation new here: hints that came since the account's rows were asked for were for nobody.
static void look_again_at(struct hub *h, struct hub_conversation *c, uint64_t serial) {
    if (h->serial - serial > HUB_RING) {
        hub_want(&h->wanted, &c->unread);
        return;
    }
    for (; serial < h->serial; serial++) {
        const struct hub_seen *seen = &h->ring[serial % HUB_RING];
        if (!seen->account && seen->id == c->unread.id) hint(&h->wanted, &c->unread, seen->mod);
    }
}

// One session of an account that is in a conversation as of its row of mod; made: it was not known to be.
static void join_session(struct hub *h, struct hub_session *s, struct hub_conversation *c, int64_t mod,
                         bool made) {
    struct hub_exception *e = hub_exception_find(s, c->unread.id);
    if (s->held) {
        h->ops.read(s->owner, c->unread.id, mod);
    } else if (e && e->state == HUB_WAITING) {
        begin(h, s, c, e->mod == HUB_NOTHING ? mod : e->mod);
    } else if (e) {
        e->asked = false; // a page on its way may be older than this membership
    } else if (made) {
        begin(h, s, c, mod);
    }
}

// The account is in a conversation, as of its row of mod.
static void join(struct hub *h, struct hub_account *a, int64_t conversation, int64_t mod) {
    bool new_here = !hub_conversation_of(h, conversation);
    struct hub_conversation *c = hub_conversation_make(h, conversation, mod);
    struct hub_member *m = hub_member_find(c, a);
    if (new_here) look_again_at(h, c, a->unread.serial);
    if (!m) {
        hub_member_add(c, a, mod);
    } else if (m->since < mod) {
        m->since = mod;
    }
    for (uint32_t i = 0; i < a->count; i++)
        join_session(h, a->sessions[i], c, mod, !m);
}

static void quit(struct hub *h, struct hub_account *a, int64_t conversation, int64_t account_mod,
                 int64_t mod) {
    struct hub_conversation *c = hub_conversation_of(h, conversation);
    struct hub_member *m = hub_member_find(c, a);
    if (m && m->since < mod) hub_member_remove(h, c, m);
    for (uint32_t i = 0; i < a->count; i++) {
        struct hub_session *s = a->sessions[i];
        struct hub_exception *e = hub_exception_find(s, conversation);
        if (!e) continue;
        if (account_mod > s->floor) {
            hub_exception_remove(s, e);
        } else {
            hub_exception_set(s, conversation, e->mod, HUB_WAITING); // its hello knows of a later coming back
        }
    }
}

static void tell_account(struct hub *h, struct hub_account *a, int64_t account_mod, const char *text,
                         size_t len) {
    struct event *e = event_new(text, len);
    for (uint32_t i = 0; i < a->count; i++) {
        if (account_mod > a->sessions[i]->floor) h->ops.send(a->sessions[i]->owner, e, EVENT_NORMAL);
    }
    event_unref(e);
}

void hub_account_row(struct hub *h, int64_t account, char kind, int64_t account_mod, int64_t conversation,
                     int64_t mod, const char *text, size_t len) {
    struct hub_account *a = account_asked(h, account);
    if (!a || account_mod <= a->unread.delivered) return;
    a->unread.delivered = account_mod;
    tell_account(h, a, account_mod, text, len);
    if (kind == '+') join(h, a, conversation, mod);
    if (kind == '-') quit(h, a, conversation, account_mod, mod);
}

void hub_account_end(struct hub *h, int64_t account, int64_t account_mod) {
    struct hub_account *a = account_asked(h, account);
    if (a) settle(&h->accounts_wanted, &a->unread, account_mod);
}

void hub_account_cut(struct hub *h, int64_t account) {
    struct hub_account *a = account_asked(h, account);
    if (a) hub_want(&h->accounts_wanted, &a->unread);
}

// --- sessions -----------------------------------------------------------------------------------------------------

uint64_t hub_serial(const struct hub *h) {
    return h->serial;
}

// Hints that came while the query was on its way were for nobody, if what it names was not here.
static void look_again(struct hub *h, struct hub_account *a, uint64_t serial) {
    if (h->serial - serial <= HUB_RING) {
        for (; serial < h->serial; serial++)
            hint_known(h, &h->ring[serial % HUB_RING]);
        return;
    }
    if (a->unread.state == HUB_QUIET) hub_want(&h->accounts_wanted, &a->unread);
    for (uint32_t i = 0; i < a->places_count; i++) {
        struct hub_unread *u = &a->places[i].conversation->unread;
        if (u->state == HUB_QUIET) hub_want(&h->wanted, u);
    }
}

void hub_enter(struct hub *h, struct hub_session *s, void *owner, int64_t account, int64_t account_mod,
               const struct hub_place *places, size_t n, uint64_t serial) {
    bool first = !hub_account_of(h, account);
    struct hub_account *a = hub_account_make(h, account, account_mod);
    *s = (struct hub_session){.owner = owner, .held = true, .floor = INT64_MAX};
    hub_session_add(a, s);
    hint(&h->accounts_wanted, &a->unread, account_mod);
    for (size_t i = 0; i < n; i++) {
        // Later sessions find the account's memberships as its stream left them; it brings what is missing.
        struct hub_conversation *c = first ? hub_conversation_make(h, places[i].conversation, places[i].mod)
                                           : hub_conversation_of(h, places[i].conversation);
        if (first) hub_member_add(c, a, places[i].mod);
        if (c) hint(&h->wanted, &c->unread, places[i].mod);
    }
    look_again(h, a, serial);
}

bool hub_account_caught(struct hub *h, struct hub_session *s, int64_t account_mod) {
    struct hub_unread *u = &s->account->unread;
    if (u->delivered > account_mod) return false;
    s->floor = account_mod;
    hint(&h->accounts_wanted, u, account_mod);
    return true;
}

static bool among(const struct hub_place *places, size_t n, int64_t conversation) {
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places[middle].conversation == conversation) return true;
        if (places[middle].conversation < conversation) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

void hub_release(struct hub *h, struct hub_session *s, const struct hub_place *places, size_t n) {
    struct hub_account *a = s->account;
    s->held = false;
    for (size_t i = 0; i < n; i++) {
        struct hub_conversation *c = hub_conversation_of(h, places[i].conversation);
        if (!hub_member_find(c, a)) {
            hub_exception_set(s, places[i].conversation, places[i].mod, HUB_WAITING);
        } else if (c->unread.hinted > places[i].mod) {
            begin_reading(h, s, places[i].conversation,
                          places[i].mod); // `ready` waits for what is known to be there
        } else {
            begin(h, s, c, places[i].mod);
        }
    }
    // What the session was not told of is one that the account has left: its removal is still on the way here.
    for (uint32_t i = 0; i < a->places_count; i++) {
        const struct hub_unread *u = &a->places[i].conversation->unread;
        if (!among(places, n, u->id)) hub_exception_set(s, u->id, HUB_NOTHING, HUB_WAITING);
    }
}

void hub_leave(struct hub *h, struct hub_session *s) {
    if (!s->account) return;
    hub_exceptions_clear(s);
    hub_session_remove(h, s);
}

bool hub_member(const struct hub *h, const struct hub_session *s, int64_t conversation) {
    return hub_member_find(hub_conversation_of(h, conversation), s->account) != NULL;
}

// --- a session's pages --------------------------------------------------------------------------------------------

size_t hub_ask(struct hub_session *s, struct hub_place *out, size_t max) {
    size_t n = 0;
    for (uint32_t i = 0; i < s->count; i++) {
        struct hub_exception *e = &s->exceptions[i];
        e->asked = e->state == HUB_READING && n < max;
        if (e->asked) out[n++] = (struct hub_place){.conversation = e->conversation, .mod = e->mod};
    }
    return n;
}

static struct hub_exception *in_page(const struct hub_session *s, int64_t conversation) {
    struct hub_exception *e = hub_exception_find(s, conversation);
    return e && e->state == HUB_READING && e->asked ? e : NULL;
}

bool hub_page_row(struct hub *h, struct hub_session *s, int64_t conversation, int64_t mod) {
    struct hub_exception *e = in_page(s, conversation);
    if (!e || mod <= e->mod || !hub_member(h, s, conversation)) return false;
    e->mod = mod;
    return true;
}

void hub_page_end(struct hub *h, struct hub_session *s, int64_t conversation, int64_t mod) {
    struct hub_exception *e = in_page(s, conversation);
    struct hub_conversation *c = hub_conversation_of(h, conversation);
    if (!e || !hub_member_find(c, s->account)) return;
    int64_t all = mod > e->mod ? mod : e->mod;
    hub_exception_remove(s, e);
    begin(h, s, c, all); // perhaps reading on
}

void hub_page_gone(struct hub *h, struct hub_session *s, int64_t conversation) {
    (void)h;
    struct hub_exception *e = in_page(s, conversation);
    if (e) hub_exception_set(s, conversation, e->mod, HUB_WAITING);
}

void hub_expect(struct hub *h, struct hub_session *s, int64_t conversation, int64_t mod) {
    if (!hub_member(h, s, conversation)) hub_exception_set(s, conversation, mod, HUB_WAITING);
}

// --- figures ------------------------------------------------------------------------------------------------------

size_t hub_conversations(const struct hub *h) {
    return h->conversations.count;
}

size_t hub_accounts(const struct hub *h) {
    return h->accounts.count;
}

int64_t hub_delivered(const struct hub *h, int64_t conversation) {
    const struct hub_conversation *c = hub_conversation_of(h, conversation);
    return c ? c->unread.delivered : -1;
}
