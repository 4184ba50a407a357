// SPDX-License-Identifier: Apache-2.0
// Session: one live connection (a device or a tab), whichever transport carries it, and its queue of events.
//
// Invariants:
//   * The state says what may be queued: NEW … LIVE everything, BEHIND and RESET answers only, ENDED nothing.
//   * The queue holds at most queue_bytes. What is droppable goes first; then the whole queue is dropped, `behind` is
//     queued and the state is BEHIND.
//   * What was queued in one turn of the loop goes out at its end, in one frame, before the loop sleeps (earlier only when
//     the bound is reached within the turn).
//   * A session ends once. Its memory goes after the turn, and after the last reference.
#ifndef PARLEY_RELAY_SESSION_H
#define PARLEY_RELAY_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"
#include "lib/error.h"
#include "lib/log.h"
#include "lib/rate.h"
#include "lib/token.h"
#include "relay/event.h"
#include "relay/relay.h"

enum session_state {
    SESSION_NEW,         // no hello yet
    SESSION_HELLO,       // a hello is being answered, welcome has not been sent
    SESSION_CATCHING_UP, // welcome was sent
    SESSION_LIVE,        // ready was sent
    SESSION_BEHIND,      // events were dropped: nothing but answers until the next hello
    SESSION_RESET,       // reset was sent: likewise
    SESSION_ENDED,       // over for good
};

enum event_kind {
    EVENT_NORMAL,
    EVENT_LIGHT, // typing, presence: never replayed, dropped first
    EVENT_ANSWER, // sent, failed, pong, and what a hello sends first (welcome, reset): also while BEHIND or RESET
};

struct core_session;
struct live_account;
struct transport;
struct watch;

struct session_slot {
    struct event *event;
    enum event_kind kind;
};

#define SESSION_SLOTS 4 // kept in place; more come from the heap and go when the queue is empty

struct session_queue {
    struct session_slot *slots; // ring
    uint32_t size;              // of the ring
    uint32_t first, count;
    size_t bytes;
    struct session_slot own[SESSION_SLOTS];
};

struct session_links {
    struct session *next, *prev;
};

struct session {
    log_object log; // session number and account
    struct relay *relay;
    const struct transport *transport;
    void *pipe;                // the transport's own
    struct core_session *core; // the core's own, NULL until it makes one
    enum session_state state;
    uint32_t refs;
    uint64_t number;   // running number in this process, for the log
    int64_t opened_ms; // monotonic
    // who
    bool has_token; // token_hash is set: by cookie or header before hello, or by hello.token
    uint8_t token_hash[TOKEN_HASH];
    int64_t account_id; // 0 before the first good hello
    int64_t login_id;   // the login session
    char address[ADDRESS_TEXT];
    char client[40]; // hello.client, cut; "" = unknown
    bucket commands; // command_rate_limit
    bool away;       // what this device said by `status`
    // outgoing
    struct session_queue queue;
    bool dirty;    // in the list of those to be flushed at the end of the turn
    bool draining; // core_drained is due when the queue is empty
    problem *end;  // why it ended; NULL while it lives, or when the peer just went
    struct session *next_dirty;
    struct session_links all;     // every session of the relay
    struct session_links fellows; // of one account, oldest first
    struct live_account *account; // NULL before session_identified
    struct watch *watches;        // watch.c
    uint32_t watches_count;
    bool missed_presence; // something was dropped
};

// --- for the core ------------------------------------------------------------------------------------------------

// Queues an event; takes a reference of its own. False when it was dropped: by the state, or at the bound.
bool session_send(struct session *s, struct event *e, enum event_kind kind);
// event_printf, session_send, event_unref.
void session_printf(struct session *s, enum event_kind kind, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
// The only way to change the state; to LIVE, CATCHING_UP, HELLO, RESET. Ignored when ENDED.
void session_become(struct session *s, enum session_state state);
// True while nothing is queued or on its way (poll: the last batch was handed out).
bool session_empty(const struct session *s);
// Asks for one core_drained(s): when all that is queued now has left; at the end of the turn if nothing is.
void session_want_drained(struct session *s);

// hello was good: who it is. Enters it in the account's list (the oldest above live_sessions_max is ended) and in
// presence. Again with the same account: only login_id is taken.
void session_identified(struct session *s, int64_t account_id, int64_t login_id);

// Ends it. code is of the error table; its close code and status tell the peer. `bye` is sent before for
// RESTART, UNAVAILABLE (busy), REVOKED and TOO_MANY_CONNECTIONS. reconnect_ms: in bye; 0 = leave it out.
// core_closed comes at the end of the turn, never from within.
void session_end(struct session *s, enum error code, int reconnect_ms);
// The same with a detail for the log and for a poll's problem document.
void session_fail(struct session *s, const problem *why);
static inline bool session_ended(const struct session *s) {
    return s->state == SESSION_ENDED;
}

// A reference keeps the memory while a query is in flight; look at session_ended when it comes back.
struct session *session_ref(struct session *s);
void session_unref(struct session *s);

// Every session in turn: the first with NULL, NULL at the end. Ended ones are left out.
struct session *session_next(struct relay *r, const struct session *after);
size_t session_count(const struct relay *r);
// The sessions of an account on this relay, oldest first: `fellows` links them.
struct session *session_of_account(const struct relay *r, int64_t account_id);
// Ends every live session of a login session (logout, revocation).
void session_revoke(struct relay *r, int64_t login_id);
// How many login sessions were told to have ended so far; and whether this one was among those since, or may have been. For a
// hello, whose answer may be older than what was told meanwhile.
uint64_t session_revocations(const struct relay *r);
bool session_revoked_since(const struct relay *r, uint64_t since, int64_t login_id);

// --- for the transports -------------------------------------------------------------------------------------------

// A connection has come; the transport has judged path, Origin and credential. Never NULL.
struct session *session_open(struct relay *r, const struct transport *t, void *pipe, const char *address);
// The peer went away, or the transport cannot go on: no bye.
void session_lost(struct session *s);
// Takes all that is queued: the text of one JSON array into out (limit unbounded). Returns the number of events. When it
// is just one, *lone is set (the caller's reference) and nothing is appended to out.
size_t session_take(struct session *s, buf *out, struct event **lone);
// Puts it into the list to be flushed at the end of the turn.
void session_wake(struct session *s);

// --- start and stop -----------------------------------------------------------------------------------------------

void sessions_start(struct relay *r);
// Ends all, spreading reconnect_ms at random between the two bounds.
void sessions_end_all(struct relay *r, enum error code, int reconnect_min_ms, int reconnect_max_ms);
// Flushes what is due now; the loop does it by itself before it sleeps.
void sessions_flush(struct relay *r);
void sessions_stop(struct relay *r);

#endif
