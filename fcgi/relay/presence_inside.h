// SPDX-License-Identifier: Apache-2.0
// The two halves of presence: present.c, who is here, and watch.c, who watches whom.
#ifndef PARLEY_RELAY_PRESENCE_INSIDE_H
#define PARLEY_RELAY_PRESENCE_INSIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "relay/idmap.h"
#include "relay/presence.h"

#define PRESENCE_BATCH 1000 // accounts in one call

struct present;
struct watched;

struct presence {
    struct relay *relay;
    uv_timer_t write_timer; // something is dirty; also the grace of those who left
    uv_timer_t read_timer;  // something is to be read
    uv_timer_t again_timer; // everything watched is read again
    int handles;            // not closed yet
    // present.c
    struct idmap present; // account → struct present
    struct present *dirty, *dirty_last;
    struct present *leaving, *leaving_last; // oldest first
    bool writing;
    // watch.c
    struct idmap watched; // account → struct watched
    struct watched *unread, *unread_last;
    bool reading;
};

void present_opened(struct presence *w, struct session *s);
void present_closed(struct presence *w, struct session *s);
void present_changed(struct presence *w, int64_t account_id);
void present_renew(struct presence *w);
void present_on_timer(uv_timer_t *timer);
void present_clear(struct presence *w);

void watch_closed(struct presence *w, struct session *s);
void watch_renew(struct presence *w);
void watch_on_timer(uv_timer_t *timer);
void watch_on_again(uv_timer_t *timer);
void watch_clear(struct presence *w);

#endif
