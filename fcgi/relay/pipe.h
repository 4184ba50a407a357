// SPDX-License-Identifier: Apache-2.0
// Pipe: one connection of the web server to the relay's socket, as libwebsockets sees it; shared by the three files of
// the transports and by nothing else. It begins as HTTP, one request after another, and may become a WebSocket.
#ifndef PARLEY_RELAY_PIPE_H
#define PARLEY_RELAY_PIPE_H

#include <libwebsockets.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"
#include "lib/buf.h"
#include "lib/credential.h"
#include "lib/error.h"
#include "relay/idmap.h"
#include "relay/session.h"

struct poll;
struct request;

#define BEAT_SLOTS \
    128 // seconds; more than twice half the longest heartbeat is not needed: a far beat is looked at again

// A body or message beyond its bound is read to its end up to here, so that the answer is seen.
#define DISCARD_BYTES ((size_t)4 << 20)

struct socket_links {
    struct pipe *next, *prev;
};

// The WebSocket side. session is NULL from the moment that it ended.
struct socket {
    struct session *session;
    buf *in;  // fragments of an unfinished message
    buf *out; // LWS_PRE bytes and a last frame, to be sent before the close
    int64_t heard_ms;
    struct socket_links beat; // in beats[slot]
    uint16_t slot;            // of the wheel, + 1; 0 = in none
    uint16_t close;           // close code, 0 = open
    bool closing;             // libwebsockets has been told to send it
    bool pinged, ping_due, doomed;
    bool too_long;   // the message that is coming in is
    bool said_close; // the peer has: what comes behind that is not read (RFC 6455 section 1.4)
};

// Given by libwebsockets with each connection, zeroed.
struct pipe {
    struct lws *wsi;
    struct relay *relay;
    struct request *request; // the HTTP request at hand
    struct socket socket;
};

// One HTTP request. why is what it will be refused with once its body has come.
struct request {
    struct pipe *pipe;
    struct poll *held; // the poll session that holds it
    problem why;
    const char *more; // headers that belong to why
    credential credential;
    char address[ADDRESS_TEXT];
    bool head;     // the method is HEAD: no body in the answer
    bool json;     // Content-Type is application/json
    bool keep;     // the connection may go on
    bool complete; // the body has come
    bool written;
    buf body;
    buf answer; // with HTTP_ROOM bytes in front; empty = not yet
};

// What the transports keep for the whole relay.
struct transports {
    uv_timer_t beat;
    struct pipe *beats[BEAT_SLOTS];
    uint64_t beat_now; // seconds since the start
    struct idmap polls;
    size_t sessions_max;
    buf frame; // for joined frames, with LWS_PRE bytes in front
};

// --- transport.c --------------------------------------------------------------------------------------------------

// Answers a request; once each.
void request_json(struct request *q, const char *body, size_t len);
void request_problem(struct request *q, const problem *p);
void request_error(struct request *q, enum error code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// --- transport_ws.c -----------------------------------------------------------------------------------------------

void socket_start(struct relay *r);
void socket_stop(struct relay *r);
// Callbacks of a WebSocket; as libwebsockets has it, not 0 closes it.
int socket_opened(struct pipe *p, const credential *who, const char *address);
int socket_received(struct pipe *p, const char *bytes, size_t len);
int socket_writable(struct pipe *p);
void socket_heard(struct pipe *p);
void socket_closed(struct pipe *p);

// --- transport_poll.c ---------------------------------------------------------------------------------------------

// A poll whose body has come; answers it now or later.
void poll_request(struct request *q);
// The connection of a held request went away.
void poll_abandoned(struct request *q);
void poll_stop(struct relay *r);

#endif
