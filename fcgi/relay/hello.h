// SPDX-License-Identifier: Apache-2.0
// Hello: who a session is and what it holds; from `hello` to `ready`.
//
//   ASKED     api.live_hello is on its way
//   ACCOUNT   welcome was sent; the account's changes are read until the session has them all
//   RESUMING  waits for the `resume` commands that `more` announced
//   PAGES     let go of in the hub; what it missed is read in pages (catchup.c), then `ready`
//
// A newer hello takes the place of one under way. Refused: malformed members, more than resume_max conversations in one command
// or HELLO_PLACES in all (1008); a token that is not good (4001, 4002).
#ifndef PARLEY_RELAY_HELLO_H
#define PARLEY_RELAY_HELLO_H

#include "relay/inside.h"
#include "relay/places.h"

struct json_object;

#define HELLO_PLACES 20000

enum hello_phase { HELLO_ASKED, HELLO_ACCOUNT, HELLO_RESUMING, HELLO_PAGES };

struct hello {
    enum hello_phase phase;
    int64_t account_mod;       // the client's, then how far its account was read; -1 = it named none
    int64_t counter;           // the account's, as in welcome
    char epoch[EPOCH_TEXT];    // the client's; "" = it named none
    bool more;                 // resume commands follow
    bool drain_wanted;         // the next page of the account waits for the queue
    uint64_t serial;           // of the hub when the query started
    uint64_t revocations;      // likewise (session.h)
    struct place_list named;   // what the client said
    struct place_list places;  // what the account is in, with the mod the session holds of it
    struct place_list gone;    // what it was told, in this hello, to have left
    struct place_list foreign; // named, but the account is not in it: `left` comes out of the pages
};

// Judges the members of a hello, for core_check.
bool hello_check(const struct core *c, struct json_object *command, problem *why);
// Starts one that was judged good.
void hello_start(struct core_session *cs, struct json_object *command);
// Command `resume`; *why says what is wrong with it.
void hello_resume(struct core_session *cs, struct json_object *command, problem *why);
// While held: the account was added to a conversation, whose row of mod the hub has told.
void hello_added(struct core_session *cs, int64_t conversation, int64_t mod);
// Nothing is left to read: `ready`, if a hello waits for it.
void hello_done(struct core_session *cs);
// The queue has drained: the account's next page, if that waited for it.
void hello_drained(struct core_session *cs);
// `reset`: what the client holds is of another database.
void hello_reset(struct core_session *cs);
void hello_free(struct core_session *cs);

#endif
