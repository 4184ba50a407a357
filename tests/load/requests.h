// SPDX-License-Identifier: Apache-2.0
// Reads over HTTP through the web server, closed loop on kept connections.
#ifndef PARLEY_LOAD_REQUESTS_H
#define PARLEY_LOAD_REQUESTS_H

#include <stdbool.h>
#include <stddef.h>

// Whether there are such requests: `history`, pages of 50 at random places of HISTORY_DEPTH messages; `list`, all
// conversations of a person; `account`, the least there is to ask for.
bool requests_known(const char *what);

// Makes such requests for so many seconds; prints `ready`, `done` and one JSON line as the other scenarios do. Returns the
// exit code.
int requests_run(const char *what, int port, char **tokens, char **conversations, size_t people,
                 double seconds, size_t connections);

#endif
