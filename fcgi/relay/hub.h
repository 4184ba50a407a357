// SPDX-License-Identifier: Apache-2.0
// Hub: who is told what. Conversation → accounts → sessions; the fan-out loop lives here and nowhere else. Pure: no I/O, no
// SQL, no clock; what it wants read it names (wanted), what it wants sent goes to hub_ops.
//
// Invariants:
//   * Of a conversation every row up to `delivered` (H) has been delivered, in rising mod; so of an account up to its own.
//     What is not above H is ignored, so a hint may come twice, late or never.
//   * An account's sessions all hear all conversations it is in. Only the account stream makes an account a member here
//     (and the first session's entering, which is the same cut); a removal takes it out before anything later is delivered.
//   * A session hears nothing while `held`, and of a conversation nothing that its exception forbids:
//     FLOOR it has all up to mod · READING it reads on from mod out of the database · WAITING likewise, once the account
//     stream says that it is (again) a member.
//   * Nothing is kept for a session that is up to date, beyond its place in its account.
#ifndef PARLEY_RELAY_HUB_H
#define PARLEY_RELAY_HUB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/event.h"
#include "relay/session.h"

struct hub;
struct hub_account;

enum hub_exception_state { HUB_FLOOR, HUB_READING, HUB_WAITING };

#define HUB_NOTHING \
    INT64_MAX // WAITING: it holds nothing of it and begins at the row that the account stream tells

struct hub_exception {
    int64_t conversation;
    int64_t mod;
    enum hub_exception_state state;
    bool asked; // READING: part of the page that is being read
};

// Embedded by its owner; all zero = not in the hub.
struct hub_session {
    struct hub_account *account;
    void *owner;
    struct hub_exception *exceptions; // ascending by conversation
    uint32_t count, cap;
    uint32_t place;   // in the account's sessions
    uint32_t reading; // exceptions in state READING
    bool held;
    int64_t floor; // account_mod up to which it has all of its account; INT64_MAX = it still reads
};

struct hub_ops {
    // May not call the hub.
    void (*send)(void *owner, struct event *e, enum event_kind kind);
    // Not held: an exception READING is new. Held: the account was added to the conversation, whose row of mod was told.
    // May not call the hub.
    void (*read)(void *owner, int64_t conversation, int64_t mod);
};

// A conversation and the mod that a session holds of it.
struct hub_place {
    int64_t conversation;
    int64_t mod;
};

struct hub *hub_create(const struct hub_ops *ops);
void hub_destroy(struct hub *h);

// --- sessions -----------------------------------------------------------------------------------------------------

// Number of hints seen so far. Taken before a hello's query starts, it goes to hub_enter with its answer.
uint64_t hub_serial(const struct hub *h);
// Enters a session, held, by what hello's query said in one snapshot: its account's counter and the conversations with their
// mods. Hints that came since `serial` are looked at again.
void hub_enter(struct hub *h, struct hub_session *s, void *owner, int64_t account, int64_t account_mod,
               const struct hub_place *places, size_t n, uint64_t serial);
// The session has read its account up to account_mod. True: it hears the account's changes from there. False: the hub is
// further, read on from there.
bool hub_account_caught(struct hub *h, struct hub_session *s, int64_t account_mod);
// Lets go of a held session that holds these places (ascending). Where the hub has something later, or
// knows of it, they become READING.
void hub_release(struct hub *h, struct hub_session *s, const struct hub_place *places, size_t n);
// Leaves; what it held of it is freed. Nothing happens when it is not in.
void hub_leave(struct hub *h, struct hub_session *s);
// Everybody out, everything delivered forgotten: another epoch.
void hub_clear(struct hub *h);

// The next page: up to max of what the session READs. Marks them asked, those of an earlier page not any more.
size_t hub_ask(struct hub_session *s, struct hub_place *out, size_t max);
// A row of that page has come: true when it is to be sent to the session.
bool hub_page_row(struct hub *h, struct hub_session *s, int64_t conversation, int64_t mod);
// The end of a conversation in that page, mod its counter in the page's snapshot: it hears it live, or READs on.
void hub_page_end(struct hub *h, struct hub_session *s, int64_t conversation, int64_t mod);
// That page says that the account is not in it: wait for what the account stream says.
void hub_page_gone(struct hub *h, struct hub_session *s, int64_t conversation);
// The session holds a conversation up to mod, and its account has just become a member: so the database says, and the account
// stream will.
void hub_expect(struct hub *h, struct hub_session *s, int64_t conversation, int64_t mod);
// Whether the session's account is a member here.
bool hub_member(const struct hub *h, const struct hub_session *s, int64_t conversation);

// --- what the relays tell each other ------------------------------------------------------------------------------

// A new message: text is the whole event without ref; ref NULL = none.
void hub_message(struct hub *h, int64_t conversation, int64_t mod, int64_t sender, const char *ref,
                 const char *text, size_t len);
void hub_hint(struct hub *h, int64_t conversation, int64_t mod);
void hub_account_hint(struct hub *h, int64_t account, int64_t mod);
// Markers and typing: to the members' sessions, those of `account` excepted.
void hub_tell(struct hub *h, int64_t conversation, int64_t account, struct event *e, enum event_kind kind);
// Compare everything with the database: a relay that missed hints.
void hub_want_all(struct hub *h);

// --- reading what was not told ------------------------------------------------------------------------------------

// What is to be read: conversations (accounts) and the mod above which; up to max. Each is asked until its end, a cut or a
// failure is reported.
size_t hub_wanted(struct hub *h, struct hub_place *out, size_t max);
// A row above that mod, in order. kind: 'm' message, 'u' member, 'l' left, 'c' conversation; subject: sender or member.
void hub_row(struct hub *h, int64_t conversation, char kind, int64_t mod, int64_t subject, const char *ref,
             const char *text, size_t len);
// All rows up to mod have come.
void hub_row_end(struct hub *h, int64_t conversation, int64_t mod);
// The page ended before, or the query failed: wanted again.
void hub_row_cut(struct hub *h, int64_t conversation);
// It is not in the database.
void hub_row_gone(struct hub *h, int64_t conversation);

size_t hub_accounts_wanted(struct hub *h, struct hub_place *out, size_t max);
// kind as in api.live_account_changes; conversation and its mod for '+' and '-'.
void hub_account_row(struct hub *h, int64_t account, char kind, int64_t account_mod, int64_t conversation,
                     int64_t mod, const char *text, size_t len);
void hub_account_end(struct hub *h, int64_t account, int64_t account_mod);
void hub_account_cut(struct hub *h, int64_t account);

// Figures for the log and tests.
size_t hub_conversations(const struct hub *h);
size_t hub_accounts(const struct hub *h);
// H of a conversation; -1 when it is not here.
int64_t hub_delivered(const struct hub *h, int64_t conversation);

#endif
