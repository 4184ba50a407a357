// SPDX-License-Identifier: Apache-2.0
// The hub's memory; see hub_index.h.
#include "relay/hub_index.h"

#include <string.h>

#include "lib/mem.h"

// Room for one more element in an array of *cap elements.
static void *grow(void *array, uint32_t count, uint32_t *cap, size_t element) {
    if (count < *cap) return array;
    *cap = *cap ? *cap * 2 : 2;
    return mem_resize(array, *cap * element);
}

// --- wanted lists -------------------------------------------------------------------------------------------------

void hub_want(struct hub_list *list, struct hub_unread *u) {
    if (u->state == HUB_WANTED) return;
    u->state = HUB_WANTED;
    u->next = NULL;
    u->prev = list->last;
    if (list->last) {
        list->last->next = u;
    } else {
        list->first = u;
    }
    list->last = u;
}

static void unlist(struct hub_list *list, struct hub_unread *u) {
    if (u->state != HUB_WANTED) return;
    if (u->prev) {
        u->prev->next = u->next;
    } else {
        list->first = u->next;
    }
    if (u->next) {
        u->next->prev = u->prev;
    } else {
        list->last = u->prev;
    }
    u->state = HUB_QUIET;
}

struct hub_unread *hub_take(struct hub_list *list) {
    struct hub_unread *u = list->first;
    if (!u) return NULL;
    unlist(list, u);
    u->state = HUB_ASKED;
    return u;
}

// --- conversations and accounts -----------------------------------------------------------------------------------

struct hub_conversation *hub_conversation_of(const struct hub *h, int64_t id) {
    return idmap_get(&h->conversations, id);
}

struct hub_account *hub_account_of(const struct hub *h, int64_t id) {
    return idmap_get(&h->accounts, id);
}

struct hub_conversation *hub_conversation_make(struct hub *h, int64_t id, int64_t mod) {
    struct hub_conversation *c = hub_conversation_of(h, id);
    if (c) return c;
    c = mem_alloc(sizeof *c);
    c->unread = (struct hub_unread){.id = id, .delivered = mod, .hinted = mod};
    idmap_put(&h->conversations, id, c);
    return c;
}

struct hub_account *hub_account_make(struct hub *h, int64_t id, int64_t mod) {
    struct hub_account *a = hub_account_of(h, id);
    if (a) return a;
    a = mem_alloc(sizeof *a);
    a->unread = (struct hub_unread){.id = id, .delivered = mod, .hinted = mod};
    idmap_put(&h->accounts, id, a);
    return a;
}

static void forget_conversation(struct hub *h, struct hub_conversation *c) {
    unlist(&h->wanted, &c->unread);
    idmap_remove(&h->conversations, c->unread.id);
    mem_free(c->members);
    mem_free(c);
}

static void forget_account(struct hub *h, struct hub_account *a) {
    while (a->places_count > 0) {
        struct hub_account_place *p = &a->places[a->places_count - 1];
        hub_member_remove(h, p->conversation, &p->conversation->members[p->member]);
    }
    unlist(&h->accounts_wanted, &a->unread);
    idmap_remove(&h->accounts, a->unread.id);
    mem_free(a->sessions);
    mem_free(a->places);
    mem_free(a);
}

// --- memberships --------------------------------------------------------------------------------------------------

struct hub_member *hub_member_find(const struct hub_conversation *c, const struct hub_account *a) {
    if (!c || !a) return NULL;
    if (c->count < a->places_count) {
        for (uint32_t i = 0; i < c->count; i++) {
            if (c->members[i].account == a) return &c->members[i];
        }
        return NULL;
    }
    for (uint32_t i = 0; i < a->places_count; i++) {
        if (a->places[i].conversation == c) return &c->members[a->places[i].member];
    }
    return NULL;
}

void hub_member_add(struct hub_conversation *c, struct hub_account *a, int64_t since) {
    c->members = grow(c->members, c->count, &c->cap, sizeof *c->members);
    a->places = grow(a->places, a->places_count, &a->places_cap, sizeof *a->places);
    c->members[c->count] = (struct hub_member){.account = a, .since = since, .place = a->places_count};
    a->places[a->places_count] = (struct hub_account_place){.conversation = c, .member = c->count};
    c->count++;
    a->places_count++;
}

void hub_member_remove(struct hub *h, struct hub_conversation *c, struct hub_member *m) {
    struct hub_account *a = m->account;
    uint32_t at = (uint32_t)(m - c->members);
    uint32_t place = m->place;
    // The last one of each takes the freed index.
    c->members[at] = c->members[--c->count];
    if (at < c->count) c->members[at].account->places[c->members[at].place].member = at;
    a->places[place] = a->places[--a->places_count];
    if (place < a->places_count) {
        a->places[place].conversation->members[a->places[place].member].place = place;
    }
    if (c->count == 0) forget_conversation(h, c);
}

// --- sessions -----------------------------------------------------------------------------------------------------

void hub_session_add(struct hub_account *a, struct hub_session *s) {
    a->sessions = grow(a->sessions, a->count, &a->cap, sizeof(struct hub_session *));
    s->account = a;
    s->place = a->count;
    a->sessions[a->count++] = s;
}

void hub_session_remove(struct hub *h, struct hub_session *s) {
    struct hub_account *a = s->account;
    a->sessions[s->place] = a->sessions[--a->count];
    a->sessions[s->place]->place = s->place;
    s->account = NULL;
    if (a->count == 0) forget_account(h, a);
}

// --- exceptions ---------------------------------------------------------------------------------------------------

static uint32_t exception_at(const struct hub_session *s, int64_t conversation) {
    uint32_t low = 0;
    uint32_t high = s->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (s->exceptions[middle].conversation < conversation) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

struct hub_exception *hub_exception_find(const struct hub_session *s, int64_t conversation) {
    uint32_t at = exception_at(s, conversation);
    return at < s->count && s->exceptions[at].conversation == conversation ? &s->exceptions[at] : NULL;
}

void hub_exception_set(struct hub_session *s, int64_t conversation, int64_t mod,
                       enum hub_exception_state state) {
    uint32_t at = exception_at(s, conversation);
    if (at == s->count || s->exceptions[at].conversation != conversation) {
        s->exceptions = grow(s->exceptions, s->count, &s->cap, sizeof *s->exceptions);
        memmove(s->exceptions + at + 1, s->exceptions + at, (s->count - at) * sizeof *s->exceptions);
        s->count++;
        s->exceptions[at].state = HUB_FLOOR;
    }
    struct hub_exception *e = &s->exceptions[at];
    s->reading += (state == HUB_READING) - (uint32_t)(e->state == HUB_READING);
    *e = (struct hub_exception){.conversation = conversation, .mod = mod, .state = state};
}

void hub_exception_remove(struct hub_session *s, struct hub_exception *e) {
    uint32_t at = (uint32_t)(e - s->exceptions);
    if (e->state == HUB_READING) s->reading--;
    s->count--;
    memmove(e, e + 1, (s->count - at) * sizeof *e);
    if (s->count == 0) hub_exceptions_clear(s);
}

void hub_exceptions_clear(struct hub_session *s) {
    mem_free(s->exceptions);
    s->exceptions = NULL;
    s->count = s->cap = s->reading = 0;
}
