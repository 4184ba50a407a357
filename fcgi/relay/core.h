// SPDX-License-Identifier: Apache-2.0
// Core: what the sessions and transports call upwards; everything behind a session (commands, hello, catch-up, hub,
// writer, listener, receipts) is reached by these functions only.
#ifndef PARLEY_RELAY_CORE_H
#define PARLEY_RELAY_CORE_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "relay/session.h"

struct json_object;

// Makes hub, writers, readers, listener with their connections. False when it cannot (logged).
bool core_start(struct relay *r);
// The database refused us for good (pgloop_refused of any connection).
bool core_refused(const struct relay *r);
// No new commands are run; calls done once all that was given to the database is settled (3 s at most).
void core_stop(struct relay *r, void (*done)(struct relay *r));
void core_destroy(struct relay *r);

void core_opened(struct session *s);
// Over: forget it. Called once, at the end of a turn; references held by queries in flight are given back later.
void core_closed(struct session *s);
// See session_want_drained.
void core_drained(struct session *s);

// Judges a whole frame or poll body's `commands`: one command object, or an array of at most commands_max, each an object
// with a text `type`; a hello among them well-formed; the first one of a new session a hello. ERROR_NONE, or what the
// connection is ended with (MALFORMED 1007, INVALID 1008, …), the detail in *why. Runs nothing.
enum error core_check(struct session *s, struct json_object *frame, problem *why);
// Runs one command of a frame that was judged good; takes no reference beyond the call. Answers by session_send.
void core_run(struct session *s, struct json_object *command);
// One WebSocket message: parse (cfg->json_depth), check, run each. What the connection is to be ended with, or ERROR_NONE.
enum error core_input(struct session *s, const char *text, size_t len, problem *why);

#endif
