// SPDX-License-Identifier: Apache-2.0
// The worker's loop: accept by libfcgi, one request at a time, one log line each.
// A worker leaves after 10,000 requests or above 64 MiB resident (the prefork parent starts another).
// Connections are never kept alive: an idle kept one would pin the worker. One whose peer does not go on with its request, or
// does not take the answer, is shut down after 5 s.
#ifndef PARLEY_WEB_SERVE_H
#define PARLEY_WEB_SERVE_H

#include "web/web.h"

// Serves on the listening descriptor until told to stop; returns the worker's exit code.
int serve(const web_program *program, const config *cfg, int listener);

#endif
