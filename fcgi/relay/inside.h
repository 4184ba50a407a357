// SPDX-License-Identifier: Apache-2.0
// What the parts behind core.h share: the core itself and what it keeps of a session.
#ifndef PARLEY_RELAY_INSIDE_H
#define PARLEY_RELAY_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/pgloop.h"
#include "relay/hub.h"
#include "relay/relay.h"
#include "relay/session.h"

struct command_list;
struct fill;
struct hello;
struct limits;
struct listener;
struct reader;
struct receipts;
struct reconcile;
struct typing;
struct upkeep;
struct writer;

#define PAGE_ROWS 200           // rows of a session's page
#define PAGE_BYTES (128 * 1024) // and bytes
#define PAGE_CONVERSATIONS 200  // conversations asked for in one page
#define MARKERS_CONVERSATIONS 50
#define EPOCH_TEXT 64

struct core {
    struct relay *relay;
    struct hub *hub;
    struct reader *reader;
    struct fill *fill;
    struct writer *writer;
    struct listener *listener;
    struct reconcile *reconcile;
    struct receipts *receipts;
    struct typing *typing;
    struct limits *limits;
    struct upkeep *upkeep;
    arena *scratch;         // of the command or call that is being made; reset by who begins one
    char epoch[EPOCH_TEXT]; // the database's; "" before the first connection
    bool changed;           // something waits for the end of the turn
    bool stopping;
    void (*stopped)(struct relay *r);
    int64_t stop_until_ms;
    uv_prepare_t turn;
    uv_timer_t stop;
    int handles; // not closed yet
};

// What the core keeps of a live session: session->core.
struct core_session {
    struct session *session;
    struct hub_session hub;
    uint32_t generation;        // of the hello that counts; answers to older ones are thrown away
    bool page_asked;            // a page of its generation is on its way, or waits for the queue
    bool token_said;            // its token came with a hello
    bool markers_due;           // the next page of markers waits for the queue
    uint32_t markers;           // told since ready
    uint64_t posted;            // the last of its commands that the writer took
    struct hello *hello;        // NULL once ready was sent
    struct command_list *early; // commands that came before the first welcome
};

// Another epoch was seen: everybody reads anew. Nothing happens when it is the one known.
void core_epoch(struct core *c, const char *epoch);
// Bytes of rows or lines delivered at a time: no more than half of what a session's queue holds, so that nobody who reads what
// comes falls behind.
size_t core_page_bytes(const struct core *c);
// The hub was told something: what it wants is to be read.
void core_changed(struct core *c);

#endif
