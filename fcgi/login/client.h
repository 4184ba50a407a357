// SPDX-License-Identifier: Apache-2.0
// What is known of a client: a name for its device, and the key it is throttled by. Pure.
#ifndef PARLEY_LOGIN_CLIENT_H
#define PARLEY_LOGIN_CLIENT_H

#include "lib/address.h"
#include "lib/arena.h"

// What the person will know a login session by: "Firefox on Linux" for a browser's user agent; another agent's
// own text, at most 80 bytes; "Unknown device" for none. agent is UTF-8, may be "".
const char *client_device(arena *a, const char *agent);

#define CLIENT_KEY (ADDRESS_TEXT + 4)
// An IPv4 address is its own key; an IPv6 address counts with its whole /64, which is one customer's.
void client_key(const char *address, char out[CLIENT_KEY]);

#endif
