// SPDX-License-Identifier: Apache-2.0
// The relay: holds every live session of the clients it was given, WebSocket and long-poll alike, on one event loop.
// Start and stop, subsystem by subsystem.
//
// Start: options → loop → sessions, presence, lease → database connections → door. Stop (SIGTERM, SIGINT): no new
// sessions and commands; what was given to the database is settled; the lease says that this relay stops; everybody gets
// `bye restart`, who is between two polls by asking once more; the end, STOP_MS later at most. A second signal ends at once.
// Refuses to start: a bad name, a socket that another process listens on, a database that db.h refuses (69).
#include <stdlib.h>
#include <string.h>

#include "lib/options.h"
#include "lib/token.h"
#include "relay/core.h"
#include "relay/keeper.h"
#include "relay/lease.h"
#include "relay/presence.h"
#include "relay/relay.h"
#include "relay/session.h"
#include "relay/transport.h"

#define NAME_MAX_CHARS 16
#define STOP_MS 4500   // all of it
#define LINGER_MS 1000 // for the last frames, and for who was between two polls to fetch its bye
#define CHECK_MS 200   // looking whether the database refuses us
#define RECONNECT_MIN_MS 200
#define RECONNECT_MAX_MS 3000

struct life {
    struct relay relay;
    uv_signal_t term, interrupt;
    uv_timer_t check;  // for a refusal
    uv_timer_t finish; // the end of the stop
    int code;
    bool over;
};

static struct life *life_of(struct relay *r) {
    return (struct life *)((char *)r - offsetof(struct life, relay));
}

static bool name_valid(const char *name) {
    size_t len = strlen(name);
    return len > 0 && len <= NAME_MAX_CHARS && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

// --- stop ---------------------------------------------------------------------------------------------------------

static void leave(struct life *f, int code) {
    if (f->over) return;
    f->over = true;
    f->code = code;
    uv_stop(f->relay.loop);
}

static void on_finish(uv_timer_t *timer) {
    struct life *f = timer->data;
    transports_close_door(&f->relay);
    leave(f, 0);
}

static void on_lease_gone(struct relay *r) {
    sessions_end_all(r, ERROR_RESTART, RECONNECT_MIN_MS, RECONNECT_MAX_MS);
    uv_timer_start(&life_of(r)->finish, on_finish, LINGER_MS, 0);
}

static void on_core_stopped(struct relay *r) {
    lease_stop(r, on_lease_gone);
}

static void on_signal(uv_signal_t *handle, int number) {
    struct life *f = handle->data;
    if (f->relay.stopping) {
        leave(f, 1);
        return;
    }
    log_info(NULL, "stopping (%s), %zu sessions", strsignal(number), session_count(&f->relay));
    f->relay.stopping = true;
    uv_timer_start(&f->finish, on_finish, STOP_MS, 0);
    core_stop(&f->relay, on_core_stopped);
}

// --- start --------------------------------------------------------------------------------------------------------

static void on_check(uv_timer_t *timer) {
    struct life *f = timer->data;
    if (pgloop_refused(f->relay.keeper) || core_refused(&f->relay)) leave(f, EX_UNAVAILABLE);
}

static void start_handles(struct life *f) {
    uv_loop_t *loop = f->relay.loop;
    uv_signal_init(loop, &f->term);
    uv_signal_init(loop, &f->interrupt);
    uv_timer_init(loop, &f->check);
    uv_timer_init(loop, &f->finish);
    f->term.data = f->interrupt.data = f->check.data = f->finish.data = f;
    uv_signal_start(&f->term, on_signal, SIGTERM);
    uv_signal_start(&f->interrupt, on_signal, SIGINT);
    uv_timer_start(&f->check, on_check, CHECK_MS, CHECK_MS);
}

static bool start(struct life *f) {
    struct relay *r = &f->relay;
    start_handles(f);
    sessions_start(r);
    presence_start(r);
    lease_start(r);
    keeper_start(r);
    return core_start(r) && transports_start(r);
}

static void close_handles(struct life *f) {
    uv_close((uv_handle_t *)&f->term, NULL);
    uv_close((uv_handle_t *)&f->interrupt, NULL);
    uv_close((uv_handle_t *)&f->check, NULL);
    uv_close((uv_handle_t *)&f->finish, NULL);
}

// Gives everything back, so that a leak checker has the last word.
static void finish(struct life *f) {
    struct relay *r = &f->relay;
    sessions_stop(r);
    if (r->web) transports_stop(r);
    core_destroy(r);
    keeper_stop(r);
    lease_destroy(r);
    presence_destroy(r);
    close_handles(f);
    uv_run(r->loop, UV_RUN_DEFAULT);
    uv_loop_close(r->loop);
}

int main(int argc, char **argv) {
    static config cfg;
    static struct life f;
    uv_loop_t loop;
    f.relay.cfg = &cfg;
    f.relay.loop = &loop;
    const option_row rows[] = {
        {.name = "--name",
         .value = "NAME",
         .help = "this relay's name, as in /live/NAME",
         .text = &f.relay.name,
         .required = true},
        {.name = "--socket",
         .value = "PATH",
         .help = "the unix socket to listen on",
         .text = &f.relay.socket,
         .required = true},
    };
    int code = options_start(argc, argv, RELAY_PROGRAM, "holds the live sessions", rows, 2, &cfg);
    if (code != OPTIONS_GO_ON) return code;
    if (!name_valid(f.relay.name)) {
        log_error(NULL, "--name: 1 to %d of a-z 0-9 -", NAME_MAX_CHARS);
        return EX_USAGE;
    }
    signal(SIGPIPE, SIG_IGN);
    f.relay.region = cfg.region;
    uv_loop_init(&loop);
    f.code = 1;
    if (start(&f)) {
        log_info(NULL, "relay %s listens on %s", f.relay.name, f.relay.socket);
        uv_run(&loop, UV_RUN_DEFAULT);
    }
    finish(&f);
    log_info(NULL, "relay %s ends", f.relay.name);
    return f.code;
}
