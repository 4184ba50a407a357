// SPDX-License-Identifier: Apache-2.0
// Acceptor: the relay's unix socket. libwebsockets would accept all that wait at once, and keeps a timer of each unfinished
// request in a sorted list: a storm of n connections cost it n². Here a few are accepted a turn of the loop, and what they
// say is read before the next come.
#ifndef PARLEY_RELAY_ACCEPTOR_H
#define PARLEY_RELAY_ACCEPTOR_H

#include <stdbool.h>

struct acceptor;
struct lws_vhost;
struct relay;

// Listens on r->socket (mode 0660) and gives what comes to the vhost. NULL when it cannot (logged).
struct acceptor *acceptor_start(struct relay *r, struct lws_vhost *vhost);
// The path stays. NULL is none.
void acceptor_stop(struct acceptor *a);

#endif
