// SPDX-License-Identifier: Apache-2.0
// Long-poll: protocol.md, section 3.4. Commands wait until a wire is free and go up together; the request that carries them
// is the held one from then on. So in a closed loop an answer and the next commands share one round trip.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "farm.h"

#define HEAD_ROOM 512

static void post(farm *f, client *c, wire *w) {
    static char request[1 << 16];
    char body[HEAD_ROOM];
    const bool open = *c->session == 0;
    int head = snprintf(body, sizeof body, "{\"session\":%s%s%s,\"ack\":%llu,\"first\":%llu,\"commands\":[",
                        open ? "null" : "\"", c->session, open ? "" : "\"", (unsigned long long)c->batch,
                        (unsigned long long)c->first);
    const size_t body_len = (size_t)head + c->commands_len + 2;
    const int len = snprintf(request, sizeof request,
                             "POST /live/poll HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
                             "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s%.*s]}",
                             c->token, body_len, body, (int)c->commands_len, c->commands ? c->commands : "");
    if ((size_t)len >= sizeof request) die("client %u: a body of %zu bytes", c->number, body_len);
    w->busy = true;
    c->first += c->commands_count;
    c->commands_len = c->commands_count = 0;
    wire_write(f, w, request, (size_t)len);
}

// Posts what waits, or a poll without commands where none is held.
static void go_on(farm *f, client *c) {
    wire *free_one = NULL;
    size_t busy = 0;
    for (size_t i = 0; i < WIRES; i++) {
        if (c->wires[i].busy)
            busy++;
        else
            free_one = &c->wires[i];
    }
    if (free_one && (c->commands_len > 0 || busy == 0)) post(f, c, free_one);
}

static void poll_begin(farm *f, client *c) {
    *c->session = 0;
    c->batch = 0;
    c->first = 1;
    c->commands_len = c->commands_count = 0;
    client_hello(f, c);
}

static void poll_command(farm *f, client *c, const char *text, size_t len) {
    bytes_reserve(&c->commands, &c->commands_cap, c->commands_len + len + 1);
    if (c->commands_len > 0) c->commands[c->commands_len++] = ',';
    memcpy(c->commands + c->commands_len, text, len);
    c->commands_len += len;
    c->commands_count++;
    // while answers are taken, what they cause goes up at their end
    if (!c->taking && (*c->session || c->state == CLIENT_GREETING)) go_on(f, c);
}

static void take_batch(farm *f, client *c, const answer *a) {
    static const char events_key[] = "\"events\":";
    static const char batch_key[] = "\"batch\":";
    const char *events = memmem(a->body, a->body_len, events_key, sizeof events_key - 1);
    const char *batch = memmem(a->body, a->body_len, batch_key, sizeof batch_key - 1);
    if (!events || !batch) return; // superseded
    const uint64_t number = strtoull(batch + sizeof batch_key - 1, NULL, 10);
    if (!*c->session && sscanf(a->body, "{\"session\":\"%39[0-9a-f]", c->session) != 1)
        die("client %u: no session: %.*s", c->number, (int)a->body_len, a->body);
    if (number <= c->batch) return;
    c->batch = number;
    const char *last = a->body + a->body_len;
    while (*--last != ']')
        continue;
    events += sizeof events_key - 1;
    client_events(f, c, events, (size_t)(last + 1 - events));
}

static size_t poll_take(farm *f, client *c, wire *w, char *in, size_t have) {
    answer a;
    const size_t len = answer_read(in, have, &a);
    if (len == 0) return 0;
    if (a.status != 200) die("client %u: %.*s", c->number, (int)len, in);
    w->busy = false;
    c->taking = true;
    take_batch(f, c, &a);
    c->taking = false;
    go_on(f, c);
    return len;
}

const transport transport_poll = {poll_begin, poll_command, poll_take};
