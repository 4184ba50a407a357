// SPDX-License-Identifier: Apache-2.0
// A relay without a database, whose lease is good all the same: what the door and the
// commands do with bytes, before anything is asked of the database.
#ifndef PARLEY_FUZZ_RELAY_STAGE_H
#define PARLEY_FUZZ_RELAY_STAGE_H

#include <stdio.h>

#include "../fuzz.h"
#include "lib/token.h"
#include "relay/core.h"
#include "relay/inside.h"
#include "relay/keeper.h"
#include "relay/lease.h"
#include "relay/presence.h"
#include "relay/relay.h"
#include "relay/session.h"
#include "relay/transport.h"

static uv_loop_t loop;
static config cfg;
static struct relay relay;

// In place of lease.c.
enum lease_state lease_state(const struct relay *r) {
    (void)r;
    return LEASE_GOOD;
}

int64_t lease_incarnation(const struct relay *r) {
    (void)r;
    return 1;
}

void lease_up(struct relay *r) {
    (void)r;
}

void lease_stop(struct relay *r, void (*done)(struct relay *r)) {
    done(r);
}

static void relay_up(const char *socket) {
    uv_loop_init(&loop);
    relay = (struct relay){.cfg = &cfg, .loop = &loop, .name = "a", .socket = socket, .region = ""};
    sessions_start(&relay);
    presence_start(&relay);
    keeper_start(&relay);
    assert(core_start(&relay));
}

static inline void relay_down(void) {
    sessions_stop(&relay);
    core_destroy(&relay);
    keeper_stop(&relay);
    presence_destroy(&relay);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert(uv_loop_close(&loop) == 0);
}

// As if a hello had been answered.
static inline void welcome(struct session *s, int64_t account) {
    s->core->generation = 1;
    session_identified(s, account, 7);
    session_become(s, SESSION_LIVE);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    static char *variables[] = {"PARLEY_DATABASE=host=/nowhere", "PARLEY_COMMAND_RATE_LIMIT=off",
                                "PARLEY_MESSAGE_RATE_LIMIT=off", NULL};
    (void)argc;
    (void)argv;
    log_setup("fuzz", LEVEL_OFF);
    token_setup();
    assert(config_load(&cfg, NULL, variables, stderr));
    return 0;
}

#endif
