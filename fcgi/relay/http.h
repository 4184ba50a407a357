// SPDX-License-Identifier: Apache-2.0
// HTTP answers of the relay, as one run of bytes: status line, headers, body. The same documents and headers as the
// FastCGI programs send; nothing is cached.
#ifndef PARLEY_RELAY_HTTP_H
#define PARLEY_RELAY_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"
#include "lib/error.h"

#define HTTP_ROOM 16 // bytes before the answer that lws may write into (LWS_PRE)

// Each appends HTTP_ROOM bytes and the answer to an empty buf. keep: the connection may serve another request.
void http_json(buf *out, const char *body, size_t len, bool keep);
// more: further header lines, each with its CRLF, or "". Returns the body's length.
size_t http_problem(buf *out, const problem *p, const char *more, bool keep);

#endif
