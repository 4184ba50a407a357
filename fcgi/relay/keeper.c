// SPDX-License-Identifier: Apache-2.0
#include "relay/keeper.h"

#include "relay/lease.h"
#include "relay/presence.h"

#define QUEUE_MAX 1000

static const db_call CALLS[] = {
    {"live_lease", "text bigint text text real boolean boolean"},
    {"live_presence_read", "bigint[]"},
    {"live_presence_write", "text bigint bigint[] boolean[]"},
    {"live_prune", "integer"},
    {"live_receipts", "bigint[] bigint[] bigint[] bigint[] integer"},
    {"live_sessions", "bigint[]"},
    {"live_status", "bigint text text text"},
    {"live_typing", "bigint[] bigint[] boolean[] integer"},
};

static void on_up(void *arg, const char *epoch) {
    struct relay *r = arg;
    (void)epoch; // the core learns of it by its own connections
    if (r->stopping) return;
    lease_up(r);
    presence_renew(r);
}

void keeper_start(struct relay *r) {
    pgloop_options options = {
        .name = "keeper",
        .cfg = r->cfg,
        .program = RELAY_PROGRAM,
        .calls = CALLS,
        .calls_count = sizeof CALLS / sizeof CALLS[0],
        .queue_max = QUEUE_MAX,
        .arg = r,
        .up = on_up,
    };
    r->keeper = pgloop_create(r->loop, &options);
}

void keeper_stop(struct relay *r) {
    pgloop_destroy(r->keeper);
    r->keeper = NULL;
}
