// SPDX-License-Identifier: Apache-2.0
// Where sessions and transports meet the parts behind them: frames become commands, what the hub delivers goes to sessions,
// and all is started, stopped and told of another epoch. See core.h; the parts are commanded by their own headers.
#include "relay/core.h"

#include <json-c/json_object.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "relay/catchup.h"
#include "relay/command.h"
#include "relay/fill.h"
#include "relay/hello.h"
#include "relay/inside.h"
#include "relay/limits.h"
#include "relay/listener.h"
#include "relay/reader.h"
#include "relay/receipts.h"
#include "relay/reconcile.h"
#include "relay/typing.h"
#include "relay/upkeep.h"
#include "relay/writer.h"

#define STOP_MS 3000
#define STOP_LOOK_MS 20

// --- what the hub wants -------------------------------------------------------------------------------------------

static void deliver(void *owner, struct event *e, enum event_kind kind) {
    const struct core_session *cs = owner;
    session_send(cs->session, e, kind);
}

static void read_on(void *owner, int64_t conversation, int64_t mod) {
    struct core_session *cs = owner;
    if (cs->hub.held) {
        hello_added(cs, conversation, mod);
    } else {
        catchup_kick(cs);
    }
}

static const struct hub_ops HUB_OPS = {.send = deliver, .read = read_on};

// --- turns and epochs ---------------------------------------------------------------------------------------------

void core_changed(struct core *c) {
    c->changed = true;
}

size_t core_page_bytes(const struct core *c) {
    size_t half = (size_t)c->relay->cfg->queue_bytes / 2;
    return half < PAGE_BYTES ? half : PAGE_BYTES;
}

// Before the loop sleeps: what was learned or said in this turn goes to the database, in as few calls as possible.
static void on_turn(uv_prepare_t *handle) {
    struct core *c = handle->data;
    if (!c->changed) return;
    c->changed = false;
    writer_turn(c);
    fill_kick(c);
    sessions_flush(c->relay);
}

void core_epoch(struct core *c, const char *epoch) {
    if (strcmp(c->epoch, epoch) == 0) return;
    bool known = *c->epoch != '\0';
    snprintf(c->epoch, sizeof c->epoch, "%s", epoch);
    if (!known) return;
    log_warn(NULL, "another epoch of the database: everybody reads anew");
    reconcile_forget(c);
    listener_forget(c);
    hub_clear(c->hub);
    for (struct session *s = session_next(c->relay, NULL); s; s = session_next(c->relay, s)) {
        if (s->core && (s->state == SESSION_CATCHING_UP || s->state == SESSION_LIVE)) hello_reset(s->core);
    }
}

// --- sessions -----------------------------------------------------------------------------------------------------

void core_opened(struct session *s) {
    struct core_session *cs = mem_alloc(sizeof *cs);
    cs->session = s;
    s->core = cs;
}

void core_closed(struct session *s) {
    struct core_session *cs = s->core;
    if (!cs) return;
    hello_free(cs);
    command_forget_held(cs);
    hub_leave(s->relay->core->hub, &cs->hub);
    s->core = NULL;
    mem_free(cs);
}

void core_drained(struct session *s) {
    if (!s->core || s->relay->core->stopping) return;
    hello_drained(s->core);
    catchup_drained(s->core);
}

// --- frames -------------------------------------------------------------------------------------------------------

static const char *type_of(struct json_object *command) {
    struct json_object *type;
    if (!json_object_is_type(command, json_type_object)) return NULL;
    if (!json_object_object_get_ex(command, "type", &type) || !json_object_is_type(type, json_type_string))
        return NULL;
    return json_object_get_string(type);
}

// first: nothing was said before it.
static enum error check_command(const struct session *s, struct json_object *command, bool first,
                                problem *why) {
    const char *type = type_of(command);
    if (!type) {
        problem_set(why, ERROR_INVALID, "Expected commands: objects with a text `type`.");
    } else if (strcmp(type, "hello") == 0) {
        hello_check(s->relay->core, command, why);
    } else if (first) {
        problem_set(why, ERROR_INVALID, "Expected `hello` as the first command.");
    }
    return why->code;
}

enum error core_check(struct session *s, struct json_object *frame, problem *why) {
    bool first = s->core->generation == 0;
    *why = (problem){0};
    if (!json_object_is_type(frame, json_type_array)) return check_command(s, frame, first, why);
    size_t n = json_object_array_length(frame);
    if (n > (size_t)s->relay->cfg->commands_max) {
        problem_set(why, ERROR_INVALID, "Expected at most %d commands.", s->relay->cfg->commands_max);
        return why->code;
    }
    for (size_t i = 0; i < n; i++) {
        if (check_command(s, json_object_array_get_idx(frame, i), first && i == 0, why) != ERROR_NONE) break;
    }
    return why->code;
}

void core_run(struct session *s, struct json_object *command) {
    if (s->core && !session_ended(s) && !s->relay->core->stopping) command_run(s->core, command);
}

enum error core_input(struct session *s, const char *text, size_t len, problem *why) {
    *why = (problem){0};
    struct json_object *frame = json_parse(text, len, s->relay->cfg->json_depth, why);
    if (!frame) return why->code;
    if (core_check(s, frame, why) == ERROR_NONE) {
        if (json_object_is_type(frame, json_type_array)) {
            size_t n = json_object_array_length(frame);
            for (size_t i = 0; i < n; i++)
                core_run(s, json_object_array_get_idx(frame, i));
        } else {
            core_run(s, frame);
        }
    }
    json_object_put(frame);
    return why->code;
}

// --- start and stop -----------------------------------------------------------------------------------------------

bool core_start(struct relay *r) {
    struct core *c = mem_alloc(sizeof *c);
    c->relay = r;
    c->scratch = arena_create();
    c->hub = hub_create(&HUB_OPS);
    c->handles = 2;
    r->core = c;
    uv_prepare_init(r->loop, &c->turn);
    uv_timer_init(r->loop, &c->stop);
    c->turn.data = c->stop.data = c;
    uv_prepare_start(&c->turn, on_turn);
    limits_start(c);
    receipts_start(c);
    typing_start(c);
    reader_start(c);
    fill_start(c);
    writer_start(c);
    reconcile_start(c);
    listener_start(c);
    upkeep_start(c);
    return true;
}

bool core_refused(const struct relay *r) {
    return r->core && (reader_refused(r->core) || writer_refused(r->core) || listener_refused(r->core));
}

static void on_stop(uv_timer_t *timer) {
    struct core *c = timer->data;
    receipts_flush(c);
    if (clock_ms() < c->stop_until_ms && !(writer_idle(c) && receipts_idle(c))) return;
    uv_timer_stop(timer);
    c->stopped(c->relay);
}

void core_stop(struct relay *r, void (*done)(struct relay *r)) {
    struct core *c = r->core;
    c->stopping = true;
    c->stopped = done;
    c->stop_until_ms = clock_ms() + STOP_MS;
    uv_timer_start(&c->stop, on_stop, 0, STOP_LOOK_MS);
}

static void forget(struct core *c) {
    if (--c->handles > 0) return;
    arena_destroy(c->scratch);
    mem_free(c);
}

static void closed(uv_handle_t *handle) {
    forget(handle->data);
}

void core_destroy(struct relay *r) {
    struct core *c = r->core;
    if (!c) return;
    c->stopping = true;
    upkeep_stop(c);
    listener_stop(c);
    reconcile_stop(c);
    writer_stop(c);
    reader_stop(c);
    fill_stop(c);
    typing_stop(c);
    receipts_stop(c);
    limits_stop(c);
    hub_destroy(c->hub);
    c->hub = NULL;
    uv_close((uv_handle_t *)&c->turn, closed);
    uv_close((uv_handle_t *)&c->stop, closed);
    r->core = NULL;
}
