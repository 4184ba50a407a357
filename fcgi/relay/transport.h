// SPDX-License-Identifier: Apache-2.0
// Transport: what differs between a WebSocket and a long-poll. The rest of the relay knows only this table.
#ifndef PARLEY_RELAY_TRANSPORT_H
#define PARLEY_RELAY_TRANSPORT_H

#include <stdbool.h>

#include "relay/session.h"

struct transport {
    const char *name; // for the log
    // Called at the end of a turn in which something was queued: writes as much as the pipe takes (session_take) or
    // sees to it that it goes as soon as it can.
    void (*flush)(struct session *s);
    // True when all that was taken from the queue has left the process (or was handed out as a batch).
    bool (*idle)(const struct session *s);
    // The session has ended by session_end: send what is queued (a bye), then close with s->end's code. The transport lets
    // go of s: it is not to touch it afterwards but for session_take.
    void (*end)(struct session *s);
};

extern const struct transport transport_ws;
extern const struct transport transport_poll;

// Makes the lws context on the relay's loop and listens on its socket (mode 0660). False when it cannot (logged).
bool transports_start(struct relay *r);
// As many sessions as sessions_max or the open files allow.
bool transports_full(const struct relay *r);
size_t transports_room(const struct relay *r);
// No new connections; held polls are answered.
void transports_close_door(struct relay *r);
// Ends the context; nothing of it runs afterwards.
void transports_stop(struct relay *r);

#endif
