// SPDX-License-Identifier: Apache-2.0
// The hub's inside: what it holds and how that is found. Rules are in hub.c; here is memory only.
//
// Invariants: a conversation is here while an account is a member of it here, an account while a session of it is here;
// member and place of one pair name each other's index. An unread is in one of its list, or in none.
#ifndef PARLEY_RELAY_HUB_INDEX_H
#define PARLEY_RELAY_HUB_INDEX_H

#include "relay/hub.h"
#include "relay/idmap.h"

enum hub_unread_state { HUB_QUIET, HUB_WANTED, HUB_ASKED };

// How far something was delivered, and whether more is to be read.
struct hub_unread {
    int64_t id;
    int64_t delivered;
    int64_t hinted;
    enum hub_unread_state state;
    uint64_t serial;                // ASKED: of the hub when it was taken
    struct hub_unread *next, *prev; // in the list of those wanted
};

struct hub_list {
    struct hub_unread *first, *last;
};

struct hub_member {
    struct hub_account *account;
    int64_t since; // a member as of this mod: older removals are of an earlier membership
    uint32_t place;
};

struct hub_conversation {
    struct hub_unread unread; // first: a hub_unread is a conversation
    struct hub_member *members;
    uint32_t count, cap;
};

struct hub_account_place {
    struct hub_conversation *conversation;
    uint32_t member;
};

struct hub_account {
    struct hub_unread unread; // first
    struct hub_session **sessions;
    uint32_t count, cap;
    struct hub_account_place *places;
    uint32_t places_count, places_cap;
};

#define HUB_RING 4096 // hints remembered for those whose hello is on its way

struct hub_seen {
    int64_t id;
    int64_t mod;
    bool account;
};

struct hub {
    struct hub_ops ops;
    struct idmap conversations;
    struct idmap accounts;
    struct hub_list wanted;
    struct hub_list accounts_wanted;
    uint64_t serial; // hints seen; the newest lies at (serial - 1) % HUB_RING
    struct hub_seen ring[HUB_RING];
};

struct hub_conversation *hub_conversation_of(const struct hub *h, int64_t id);
struct hub_account *hub_account_of(const struct hub *h, int64_t id);
// Makes what is not there; `delivered` of a new one is mod.
struct hub_conversation *hub_conversation_make(struct hub *h, int64_t id, int64_t mod);
struct hub_account *hub_account_make(struct hub *h, int64_t id, int64_t mod);

// The membership of an account, NULL when there is none.
struct hub_member *hub_member_find(const struct hub_conversation *c, const struct hub_account *a);
void hub_member_add(struct hub_conversation *c, struct hub_account *a, int64_t since);
// Forgets the membership, and the conversation with its last member: c is not to be used afterwards.
void hub_member_remove(struct hub *h, struct hub_conversation *c, struct hub_member *m);

void hub_session_add(struct hub_account *a, struct hub_session *s);
// Forgets the account with its last session, and its memberships.
void hub_session_remove(struct hub *h, struct hub_session *s);

void hub_want(struct hub_list *list, struct hub_unread *u);
struct hub_unread *hub_take(struct hub_list *list); // becomes ASKED; NULL when empty

// The exception of a conversation, or where it would go.
struct hub_exception *hub_exception_find(const struct hub_session *s, int64_t conversation);
// Sets it, making it if needed. May move the others.
void hub_exception_set(struct hub_session *s, int64_t conversation, int64_t mod,
                       enum hub_exception_state state);
void hub_exception_remove(struct hub_session *s, struct hub_exception *e);
void hub_exceptions_clear(struct hub_session *s);

#endif
