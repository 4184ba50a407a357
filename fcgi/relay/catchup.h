// SPDX-License-Identifier: Apache-2.0
// Catch-up: pages out of the database for one session, in rising mod, until it hears everything live.
// One algorithm for hello, `behind`, being added and everything else that a session missed: what it READs is in its
// hub_session; a page is asked for when the queue has drained; a page whose session said a newer hello, fell behind or ended is
// thrown away.
#ifndef PARLEY_RELAY_CATCHUP_H
#define PARLEY_RELAY_CATCHUP_H

#include "relay/inside.h"
#include "relay/reader.h"

// A read for a session, and whether its answer still counts.
struct ticket {
    struct core *core;
    struct session *session; // a reference
    uint32_t generation;
    size_t foreign; // of the places, the first so many are of conversations the account is not in
    size_t count;
    struct hub_place places[]; // what the page was asked for
};

// room: places it may hold.
struct ticket *ticket_new(struct session *s, size_t room);
// The session lives, is not behind or reset, and has said no newer hello.
bool ticket_good(const struct ticket *t);
bool ticket_wanted(void *ticket); // the same, for reader_call
void ticket_free(struct ticket *t);
// True when the answer counts. A failed one ends the session (busy); the caller frees the ticket in any case.
bool ticket_answered(struct ticket *t, const struct reply *reply);

// Two parameters: the conversations (or accounts) and the mods.
void catchup_places(db_params *p, const struct hub_place *places, size_t n);
// There may be something to READ: see to it that the next page comes.
void catchup_kick(struct core_session *cs);
// The queue has drained.
void catchup_drained(struct core_session *cs);
// The markers that are told after `ready`.
void catchup_markers(struct core_session *cs);
// Sends a text of a result as an event.
void catchup_send(struct session *s, const char *text, size_t len);

#endif
