// SPDX-License-Identifier: Apache-2.0
// WebSocket transport: frames to the core, queued events to frames, the heartbeat, the close codes.
//
// Invariants:
//   * One lws_write a turn or a writable callback, and none while the pipe is choked.
//   * A message that comes in pieces is joined under body_max_bytes; beyond that the connection ends with 1009.
//   * A peer not heard for a heartbeat is pinged, one not heard for two is dropped. Looked at once a heartbeat, at a
//     random point of its last fifth, so that many connections never beat together.
//   * After its end a session is not touched any more: its last frame lies in socket.out.
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "relay/core.h"
#include "relay/lease.h"
#include "relay/pipe.h"
#include "relay/spread.h"
#include "relay/transport.h"

#define CLOSE_SECONDS 3 // for a last frame to leave

#define PONG_MS 2000 // most pongs have come by then

_Static_assert(EVENT_ROOM == LWS_PRE, "events leave room for a WebSocket header");

static struct pipe *pipe_of(const struct session *s) {
    return s->pipe;
}

static bool choked(const struct pipe *p) {
    return lws_send_pipe_choked(p->wsi) != 0;
}

// --- the wheel of heartbeats --------------------------------------------------------------------------------------

static void beat_remove(struct pipe *p) {
    struct socket *k = &p->socket;
    if (k->slot == 0) return;
    struct transports *t = p->relay->transports;
    *(k->beat.prev ? &k->beat.prev->socket.beat.next : &t->beats[k->slot - 1]) = k->beat.next;
    if (k->beat.next) k->beat.next->socket.beat.prev = k->beat.prev;
    k->slot = 0;
}

static void beat_after(struct pipe *p, int64_t wait_ms) {
    struct transports *t = p->relay->transports;
    uint64_t seconds = wait_ms < 1000 ? 1 : (uint64_t)wait_ms / 1000;
    if (seconds >= BEAT_SLOTS) seconds = BEAT_SLOTS - 1;
    unsigned slot = (unsigned)((t->beat_now + seconds) % BEAT_SLOTS);
    struct socket *k = &p->socket;
    k->slot = (uint16_t)(slot + 1);
    k->beat.prev = NULL;
    k->beat.next = t->beats[slot];
    if (k->beat.next) k->beat.next->socket.beat.prev = p;
    t->beats[slot] = p;
}

// Milliseconds of silence after which to ping.
static int64_t patience_of(const struct pipe *p) {
    int heartbeat_ms = p->relay->cfg->heartbeat * 1000;
    return spread_between(heartbeat_ms * 4 / 5, heartbeat_ms);
}

// For use where libwebsockets may be calling us.
static void drop(struct pipe *p) {
    p->socket.doomed = true;
    lws_set_timeout(p->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_ASYNC);
}

// With a payload: of an empty pong libwebsockets says nothing.
static bool write_ping(struct pipe *p) {
    unsigned char frame[LWS_PRE + 1] = {0};
    frame[LWS_PRE] = '?';
    p->socket.ping_due = false;
    return lws_write(p->wsi, frame + LWS_PRE, 1, LWS_WRITE_PING) >= 0;
}

static void ping(struct pipe *p) {
    p->socket.pinged = true;
    if (choked(p) || !write_ping(p)) {
        p->socket.ping_due = true;
        lws_callback_on_writable(p->wsi);
    }
}

static void beat_look(struct pipe *p, int64_t now) {
    struct socket *k = &p->socket;
    if (k->close) return; // its end has time-outs of its own
    int64_t heartbeat_ms = p->relay->cfg->heartbeat * (int64_t)1000;
    int64_t silent = now - k->heard_ms;
    if (silent >= 2 * heartbeat_ms) {
        if (k->session) log_info(&k->session->log, "silent for %d s", (int)(silent / 1000));
        lws_set_timeout(p->wsi, PENDING_TIMEOUT_CLOSE_SEND, LWS_TO_KILL_SYNC);
        return;
    }
    int64_t patience = patience_of(p);
    if (k->pinged) {
        beat_after(p, 2 * heartbeat_ms - silent + 999);
    } else if (silent < patience) {
        beat_after(p, patience - silent);
    } else {
        ping(p);
        beat_after(p, PONG_MS);
    }
}

static void on_beat(uv_timer_t *timer) {
    struct relay *r = timer->data;
    struct transports *t = r->transports;
    t->beat_now++;
    unsigned slot = (unsigned)(t->beat_now % BEAT_SLOTS);
    struct pipe *p = t->beats[slot];
    t->beats[slot] = NULL;
    int64_t now = clock_ms();
    while (p) {
        struct pipe *next = p->socket.beat.next;
        p->socket.slot = 0;
        beat_look(p, now);
        p = next;
    }
    // Time-outs that were set outside of its callbacks are seen by libwebsockets when it runs next: now.
    lws_cancel_service(r->web);
}

void socket_start(struct relay *r) {
    struct transports *t = r->transports;
    uv_timer_init(r->loop, &t->beat);
    t->beat.data = r;
    uv_timer_start(&t->beat, on_beat, 1000, 1000);
}

void socket_stop(struct relay *r) {
    uv_timer_stop(&r->transports->beat);
    uv_close((uv_handle_t *)&r->transports->beat, NULL);
}

void socket_heard(struct pipe *p) {
    p->socket.heard_ms = clock_ms();
    p->socket.pinged = false;
}

// --- in -----------------------------------------------------------------------------------------------------------

int socket_opened(struct pipe *p, const credential *who, const char *address) {
    struct socket *k = &p->socket;
    k->session = session_ref(session_open(p->relay, &transport_ws, p, address));
    if (who->kind == CREDENTIAL_COOKIE_TOKEN || who->kind == CREDENTIAL_BEARER) {
        k->session->has_token = true;
        memcpy(k->session->token_hash, who->hash, sizeof who->hash);
    }
    socket_heard(p);
    beat_after(p, patience_of(p));
    return 0;
}

static void refuse(struct session *s, enum error code, const char *detail) {
    problem why;
    problem_set(&why, code, "%s", detail);
    session_fail(s, &why);
}

// Without a lease nothing is taken, and the session ends: what follows, once the lease is good again, would overtake it.
static void take_message(struct session *s, const char *text, size_t len) {
    problem why = {0};
    if (lease_state(s->relay) != LEASE_GOOD) {
        session_end(s, ERROR_UNAVAILABLE, spread_between(LEASE_RECONNECT_MIN_MS, LEASE_RECONNECT_MAX_MS));
    } else if (core_input(s, text, len, &why) != ERROR_NONE) {
        session_fail(s, &why);
    }
}

static void free_in(struct socket *k) {
    if (!k->in) return;
    buf_free(k->in);
    mem_free(k->in);
    k->in = NULL;
}

static void keep_piece(struct pipe *p, const char *bytes, size_t len) {
    struct socket *k = &p->socket;
    if (!k->in) {
        k->in = mem_alloc(sizeof *k->in);
        buf_init(k->in, (size_t)p->relay->cfg->body_max_bytes);
    }
    buf_add(k->in, bytes, len);
}

// How long the message is at least, from what has come of it and what its present frame still announces.
static size_t announced(const struct pipe *p, size_t len) {
    size_t before = p->socket.in ? p->socket.in->len : 0;
    return before + len + lws_remaining_packet_payload(p->wsi);
}

static void take_piece(struct pipe *p, struct session *s, const char *bytes, size_t len) {
    struct socket *k = &p->socket;
    bool last = lws_is_final_fragment(p->wsi) && lws_remaining_packet_payload(p->wsi) == 0;
    if (last && !k->in) {
        take_message(s, bytes, len);
        return;
    }
    keep_piece(p, bytes, len);
    if (!last) return;
    take_message(s, k->in->data, k->in->len);
    free_in(k);
}

// Of a message too long nothing is kept. Its present frame is read to the end (within reason) before the refusal: a
// connection that closes on a peer who still writes may lose the close frame.
static void skip_piece(struct pipe *p, struct session *s) {
    size_t rest = lws_remaining_packet_payload(p->wsi);
    p->socket.too_long = true;
    free_in(&p->socket);
    if (rest == 0 || rest > DISCARD_BYTES)
        refuse(s, ERROR_TOO_LARGE, "a message is at most body_max_bytes long");
}

int socket_received(struct pipe *p, const char *bytes, size_t len) {
    struct session *s = p->socket.session;
    socket_heard(p);
    if (!s || session_ended(s) || p->socket.said_close) return 0;
    if (lws_frame_is_binary(p->wsi)) {
        refuse(s, ERROR_UNSUPPORTED_DATA, "frames are text");
    } else if (p->socket.too_long || announced(p, len) > (size_t)p->relay->cfg->body_max_bytes) {
        skip_piece(p, s);
    } else {
        take_piece(p, s, bytes, len);
    }
    return 0;
}

// --- out ----------------------------------------------------------------------------------------------------------

// text has LWS_PRE bytes of room before it.
static bool write_frame(struct pipe *p, char *text, size_t len) {
    if (lws_write(p->wsi, (unsigned char *)text, len, LWS_WRITE_TEXT) >= (int)len) return true;
    drop(p);
    return false;
}

// All that is queued, as one frame, into the shared buffer behind LWS_PRE bytes.
static void write_queue(struct pipe *p, struct session *s) {
    static const char room[LWS_PRE];
    buf *frame = &p->relay->transports->frame;
    struct event *lone;
    buf_reset(frame);
    buf_add(frame, room, sizeof room);
    if (session_take(s, frame, &lone) == 0) return;
    if (lone) {
        write_frame(p, lone->frame, lone->len + 2u);
        event_unref(lone);
    } else {
        write_frame(p, frame->data + LWS_PRE, frame->len - LWS_PRE);
    }
}

static void ws_flush(struct session *s) {
    struct pipe *p = pipe_of(s);
    if (p->socket.doomed) return;
    if (choked(p)) {
        lws_callback_on_writable(p->wsi);
    } else {
        write_queue(p, s);
    }
}

static bool ws_idle(const struct session *s) {
    return !lws_partial_buffered(pipe_of(s)->wsi);
}

static void ws_end(struct session *s) {
    static const char room[LWS_PRE];
    struct pipe *p = pipe_of(s);
    if (!p) return; // the peer was quicker
    struct socket *k = &p->socket;
    k->close = (uint16_t)error_info(s->end->code)->close;
    if (k->close == 0) k->close = LWS_CLOSE_STATUS_UNEXPECTED_CONDITION;
    struct event *lone;
    buf *out = mem_alloc(sizeof *out);
    buf_init(out, BUF_NO_LIMIT);
    buf_add(out, room, sizeof room);
    size_t count = session_take(s, out, &lone);
    if (lone) {
        buf_add(out, lone->frame, lone->len + 2u);
        event_unref(lone);
    }
    if (count > 0) {
        k->out = out;
    } else {
        buf_free(out);
        mem_free(out);
    }
    k->session = NULL;
    session_unref(s);
    if (k->doomed) return;
    lws_set_timeout(p->wsi, PENDING_TIMEOUT_CLOSE_SEND, CLOSE_SECONDS);
    lws_callback_on_writable(p->wsi);
}

static void free_out(struct socket *k) {
    if (!k->out) return;
    buf_free(k->out);
    mem_free(k->out);
    k->out = NULL;
}

// The close frame, by the one time-out that libwebsockets takes as a polite end. Returning -1 does not do: with libuv,
// Debian's build then closes twice over, and the second time takes the frame away that the first has queued.
// Once only: asked again it would not await the peer's close frame, and a peer who writes just then finds the connection
// gone before it has read why (RFC 6455 section 7.1.1).
static void close_politely(struct pipe *p) {
    if (p->socket.closing) return;
    p->socket.closing = true;
    lws_close_reason(p->wsi, (enum lws_close_status)p->socket.close, NULL, 0);
    lws_set_timeout(p->wsi, PENDING_TIMEOUT_HTTP_KEEPALIVE_IDLE, LWS_TO_KILL_ASYNC);
}

// The last frame, then the close frame: one write a callback.
static int writable_at_end(struct pipe *p) {
    struct socket *k = &p->socket;
    if (!k->out) {
        close_politely(p);
        return 0;
    }
    write_frame(p, k->out->data + LWS_PRE, k->out->len - LWS_PRE);
    free_out(k);
    lws_callback_on_writable(p->wsi);
    return 0;
}

int socket_writable(struct pipe *p) {
    struct socket *k = &p->socket;
    if (k->doomed) return -1;
    if (k->close) return writable_at_end(p);
    if (k->ping_due) {
        if (k->session && k->session->queue.count > 0) lws_callback_on_writable(p->wsi);
        return write_ping(p) ? 0 : -1;
    }
    if (k->session && !session_ended(k->session)) {
        write_queue(p, k->session);
        session_wake(k->session); // whoever waits for an empty queue
    }
    return 0;
}

void socket_closed(struct pipe *p) {
    struct socket *k = &p->socket;
    beat_remove(p);
    free_in(k);
    free_out(k);
    if (!k->session) return;
    struct session *s = k->session;
    k->session = NULL;
    session_lost(s);
    s->pipe = NULL;
    session_unref(s);
}

const struct transport transport_ws = {.name = "ws", .flush = ws_flush, .idle = ws_idle, .end = ws_end};
