// SPDX-License-Identifier: Apache-2.0
// Reads history over HTTP through the web server, closed loop on kept connections.
#ifndef PARLEY_LOAD_HISTORY_H
#define PARLEY_LOAD_HISTORY_H

#include <stddef.h>

// Asks for pages of 50 at random places of HISTORY_DEPTH messages for so many seconds; prints `ready`, `done` and one JSON
// line as the other scenarios do. Returns the exit code.
int history_run(int port, char **tokens, char **conversations, size_t people, double seconds,
                size_t connections);

#endif
