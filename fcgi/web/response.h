// SPDX-License-Identifier: Apache-2.0
// Setting and writing an answer. Every answer carries the same security headers and X-Request-Id;
// nothing is cached.
#ifndef PARLEY_WEB_RESPONSE_H
#define PARLEY_WEB_RESPONSE_H

#include "web/request.h"

// body is kept by pointer until the answer is sent: take it from the arena.
void answer_json(request *r, int status, const char *body, size_t len);
void answer_empty(request *r); // 204
// A problem document; a Retry-After header where there is something to say.
void answer_problem(request *r, const problem *p);
// The same with r->why set first.
void answer_error(request *r, enum error code, const char *format, ...) __attribute__((format(printf, 3, 4)));
// Adds a header; a value with control characters is dropped and logged. name is a literal.
void answer_header(request *r, const char *name, const char *value);
// Sets the session cookie for max_age seconds (Secure when public_url is https), or ends it.
void answer_set_cookie(request *r, const char *token, int64_t max_age);
void answer_end_cookie(request *r);

// The whole answer as CGI text: Status, headers, blank line, body (not for HEAD).
void answer_write(const request *r, buf *out);

#endif
