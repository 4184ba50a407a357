// SPDX-License-Identifier: Apache-2.0
// Event: one JSON event of the live protocol, made once and shared by reference by all who get it.
// Invariants: the text is one JSON object and never changes; single thread. The bytes lie ready for the wire:
// room for a WebSocket header, then the event as an array of one, so that a lone event is sent without a copy.
#ifndef PARLEY_RELAY_EVENT_H
#define PARLEY_RELAY_EVENT_H

#include <stddef.h>
#include <stdint.h>

#define EVENT_ROOM 16 // LWS_PRE

struct event {
    uint32_t refs;
    uint32_t len;          // of the text, without the brackets
    char room[EVENT_ROOM]; // overwritten by each write
    char frame[];          // '[' text ']' NUL
};

// Each returns a new event with one reference, the caller's.
struct event *event_new(const char *text, size_t len);
struct event *event_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
// One more reference; returns e.
struct event *event_ref(struct event *e);
// Gives a reference back; NULL is allowed.
void event_unref(struct event *e);

// The JSON object; len bytes, not NUL-terminated.
static inline const char *event_text(const struct event *e) {
    return e->frame + 1;
}

#endif
