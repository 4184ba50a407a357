// SPDX-License-Identifier: Apache-2.0
// Many clients in one thread (epoll), as cheap as can be: RFC 6455 and HTTP/1.1 by hand, events found by searching the text.
// They understand what Parley's relay sends and nothing else; every break of that is fatal.
#ifndef PARLEY_LOAD_FARM_H
#define PARLEY_LOAD_FARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_BODY 100   // bytes of a message's text
#define CLIENT_ROSTER 512 // bytes of the list of an account's conversations, at most
#define CLIENT_TEXT 2048  // bytes that a command takes at most

enum client_state { CLIENT_CONNECTING, CLIENT_GREETING, CLIENT_READY, CLIENT_CLOSED };

// One socket of a client.
typedef struct wire {
    int fd;   // -1 while closed
    char *in; // what has come and is not a whole frame or answer yet
    size_t in_len, in_cap;
    char *out; // what the socket did not take yet
    size_t out_len, out_cap;
    uint32_t number; // of the wire in the farm: client × WIRES + which
    bool busy;       // long-poll: a request is under way on it
} wire;

// Long-poll needs two: while one holds a poll, commands go up on the other, which takes over as the held one.
#define WIRES 2

typedef struct client {
    wire wires[WIRES];
    enum client_state state;
    const char *token;
    const char *conversation; // where it sends
    const char *others;       // the rest of its roster, as members of a resume at mod 0; "" = none
    uint32_t number;
    uint32_t waiting;  // sends without an answer
    uint64_t refs;     // sends made
    uint64_t asked_ms; // the pause that a `bye` asked for
    // what a resume names
    uint64_t due; // closed, and to connect again then; 0 = not
    char epoch[64];
    uint64_t account_mod;
    uint64_t mod; // of its conversation
    // long-poll
    char session[40]; // "" until opened
    uint64_t batch;   // the last that came
    uint64_t first;   // number of the first of `commands`
    bool taking;      // an answer is being taken: commands wait for its end
    char *commands;   // not posted yet, with commas between
    size_t commands_len, commands_cap, commands_count;
} client;

typedef struct farm farm;

// One way to talk to a relay.
typedef struct transport {
    // The first words on a new wire, up to hello.
    void (*begin)(farm *f, client *c);
    // Puts one command on its way.
    void (*command)(farm *f, client *c, const char *text, size_t len);
    // Takes one whole frame or answer from the beginning of what came on a wire: its length, or 0 when more must come.
    size_t (*take)(farm *f, client *c, wire *w, char *in, size_t have);
} transport;

extern const transport transport_ws, transport_poll;

// Called for each event of interest; `sent_ns` of a message is the time its body names.
typedef struct farm_calls {
    void (*ready)(farm *f, client *c);
    void (*sent)(farm *f, client *c);
    void (*failed)(farm *f, client *c, const char *event, size_t len);
    void (*message)(farm *f, client *c, uint64_t sent_ns);
    // The connection has ended, `ms` is the pause that the relay asked for; NULL: that is fatal.
    void (*lost)(farm *f, client *c, uint64_t ms);
} farm_calls;

struct farm {
    int epoll;
    client *clients;
    size_t count;
    size_t ready, closed;
    const transport *transport;
    const farm_calls *calls;
    void *user;
};

uint64_t now_ns(void); // CLOCK_MONOTONIC

// Room for `count` clients; not connected.
void farm_init(farm *f, size_t count, const transport *t, const farm_calls *calls, void *user);
// Connects client i to the unix socket `path` and says hello there, with what it holds when it was there before.
void farm_connect(farm *f, size_t i, const char *path);
// Closes all connections without a word; what clients hold stays.
void farm_drop(farm *f);
// Sends one text; `when` goes into its body as the time it was to be sent.
void client_send(farm *f, client *c, uint64_t when);
// Handles what has come; waits at most `ms` for it.
void farm_turn(farm *f, int ms);

// For transports.
// Takes the list `ID,ID,…` apart: where the client sends, and what else its resumes name. The text is the client's from then on.
void client_places(client *c, char *list);
void client_hello(farm *f, client *c);                                // a hello, as a command
void client_events(farm *f, client *c, const char *text, size_t len); // an array of events that came
void wire_write(farm *f, wire *w, const char *data, size_t len);
void bytes_reserve(char **data, size_t *cap, size_t need);

_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
