// SPDX-License-Identifier: Apache-2.0
// Acceptor: the relay's unix socket. libwebsockets would accept all that wait at once, and keeps a timer of each unfinished
// request in a sorted list: a storm of n connections cost it n². Here a few are accepted a turn of the loop, and what they
// say is read before the next come.
#ifndef PARLEY_RELAY_ACCEPTOR_H
#define PARLEY_RELAY_ACCEPTOR_H

#include <libwebsockets.h>
#include <stdbool.h>

#include "relay/relay.h"

// Listens on r->socket (mode 0660) and gives what comes to the vhost, until that goes; the path stays. False when it cannot
// (logged).
bool acceptor_start(struct relay *r, struct lws_vhost *vhost);

// What the vhost's callback does with that descriptor: on LWS_CALLBACK_RAW_RX_FILE, and on LWS_CALLBACK_TIMER.
void acceptor_take(struct lws *wsi);
void acceptor_go_on(struct lws *wsi);

#endif
