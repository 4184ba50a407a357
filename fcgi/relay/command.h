// SPDX-License-Identifier: Apache-2.0
// Commands: the table of what a client may say once it is known: name, rate, function. Here every member is checked, so that
// nothing behind can raise; what is refused is answered `failed`, and the connection goes on.
#ifndef PARLEY_RELAY_COMMAND_H
#define PARLEY_RELAY_COMMAND_H

#include "relay/inside.h"

struct json_object;

// Runs one. Of a session that is not known yet, it is kept until welcome.
void command_run(struct core_session *cs, struct json_object *object);
// Those kept, at welcome.
void command_run_held(struct core_session *cs);
void command_forget_held(struct core_session *cs);

// Sends `failed`. ref may be NULL.
void command_failed(struct session *s, const char *command, const char *ref, const problem *why);

#endif
