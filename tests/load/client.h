// SPDX-License-Identifier: Apache-2.0
// Many WebSocket clients in one thread (epoll), as cheap as can be: RFC 6455 by hand, events found by searching the text.
// It understands what Parley's relay sends and nothing else; every break of that is fatal.
#ifndef PARLEY_LOAD_CLIENT_H
#define PARLEY_LOAD_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_BODY 100 // bytes of a message's text

enum client_state { CLIENT_CONNECTING, CLIENT_GREETING, CLIENT_READY, CLIENT_CLOSED };

typedef struct client {
    int fd;
    enum client_state state;
    const char *token;
    const char *conversation; // where it sends; "" = nowhere
    char *in;                 // what has come and is not a whole frame yet
    size_t in_len, in_cap;
    char *out; // what the socket did not take yet
    size_t out_len, out_cap;
    uint32_t number;
    uint32_t waiting; // sends without an answer
    uint64_t refs;    // sends made
} client;

typedef struct farm farm;
// Called for each event of interest; `sent_ns` of a message is the time its body names.
typedef struct farm_calls {
    void (*ready)(farm *f, client *c);
    void (*sent)(farm *f, client *c);
    void (*failed)(farm *f, client *c, const char *event, size_t len);
    void (*message)(farm *f, client *c, uint64_t sent_ns);
} farm_calls;

struct farm {
    int epoll;
    client *clients;
    size_t count;
    size_t ready, closed;
    const farm_calls *calls;
    void *user;
};

uint64_t now_ns(void); // CLOCK_MONOTONIC

// Room for `count` clients; not connected.
void farm_init(farm *f, size_t count, const farm_calls *calls, void *user);
// Connects client i to the unix socket `path` and says hello there.
void farm_connect(farm *f, size_t i, const char *path);
// Sends one text; `when` goes into its body as the time it was to be sent.
void client_send(farm *f, client *c, uint64_t when);
// Handles what has come; waits at most `ms` for it.
void farm_turn(farm *f, int ms);

_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
