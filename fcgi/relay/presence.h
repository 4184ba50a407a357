// SPDX-License-Identifier: Apache-2.0
// Presence: which accounts are here, and telling those who watch them.
//
// Invariants:
//   * The row (account, this relay) is there while a session of the account lives here, and for a grace of 3 s after.
//   * A watcher is told a state once: what was last told is compared before anything is sent. What its queue had no room
//     for is told again.
//   * Writes are best effort (synchronous_commit off): everything is written again after a lost connection, and every
//     watched account is read again each 5 s.
#ifndef PARLEY_RELAY_PRESENCE_H
#define PARLEY_RELAY_PRESENCE_H

#include <stddef.h>
#include <stdint.h>

#include "relay/relay.h"
#include "relay/session.h"

void presence_start(struct relay *r);
void presence_destroy(struct relay *r);

// --- for the core ---

// A notification line `p ACCOUNT`: read again if anybody here watches it.
void presence_changed(struct relay *r, int64_t account_id);
// Command `watch`: replaces the session's set (at most watch_max; repeats are taken once); every one's state is told now,
// and then on each change.
void presence_watch(struct session *s, const int64_t *accounts, size_t count);
// Command `status`, already checked. state: online, away, dnd or invisible; text and emoji: NULL = as they are, "" = none.
// failed is called, now or later, when the database refused it or is away.
void presence_status(struct session *s, const char *state, const char *text, const char *emoji,
                     void (*failed)(struct session *s, const problem *why));

// --- for session.c, lease.c and keeper.c ---

void presence_opened(struct session *s); // first identified
void presence_closed(struct session *s);
// A lease with a new incarnation, or the connection came back: write and read everything again.
void presence_renew(struct relay *r);

#endif
