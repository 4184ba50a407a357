// SPDX-License-Identifier: Apache-2.0
// Lease: the relay's row in relay_node, by which everybody knows that it is alive.
// Renewed every 2 s by the database's clock, dead after 7 s. By its own CLOCK_BOOTTIME a relay that could not renew for
// 7 s works no more (LEASE_STALE: takes no commands, answers no ping; whoever sends one is sent elsewhere), and after 10 s
// ends all sessions (LEASE_NONE); when the database is back it starts a new incarnation.
#ifndef PARLEY_RELAY_LEASE_H
#define PARLEY_RELAY_LEASE_H

#include <stdbool.h>
#include <stdint.h>

#include "relay/relay.h"

#define LEASE_RECONNECT_MIN_MS 500 // when the clients of a relay without its lease come back
#define LEASE_RECONNECT_MAX_MS 10000

enum lease_state {
    LEASE_NONE, // not yet, or lost: new sessions are refused with 503
    LEASE_GOOD,
    LEASE_STALE, // not renewed for 7 s
};

void lease_start(struct relay *r);
enum lease_state lease_state(const struct relay *r);
// Number of this life of the relay in the database; 0 without a lease.
int64_t lease_incarnation(const struct relay *r);
// The keeper's connection is there.
void lease_up(struct relay *r);
// Says that this relay stops; done is called when that was answered, at once when there is nobody to say it to.
void lease_stop(struct relay *r, void (*done)(struct relay *r));
void lease_destroy(struct relay *r);

#endif
