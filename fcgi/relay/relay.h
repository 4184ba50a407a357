// SPDX-License-Identifier: Apache-2.0
// The relay: one process, one event loop, everything that lives as long as it does.
#ifndef PARLEY_RELAY_RELAY_H
#define PARLEY_RELAY_RELAY_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "lib/config.h"
#include "lib/pgloop.h"

struct core;
struct lease;
struct lws_context;
struct presence;
struct sessions;
struct transports;

#define RELAY_PROGRAM "relay"

struct relay {
    const config *cfg;
    uv_loop_t *loop;
    const char *name;   // [a-z0-9-]{1,16}, as in its URL
    const char *socket; // path it listens on
    const char *region; // "" = none
    struct lws_context *web;
    struct transports *transports;
    struct sessions *sessions;
    struct lease *lease;
    struct presence *presence;
    struct core *core; // everything behind the sessions: core.h
    pgloop *keeper;    // connection of lease, presence, receipts, upkeep: keeper.h
    bool stopping;     // SIGTERM came: no new sessions, no new commands
};

#endif
