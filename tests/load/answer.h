// SPDX-License-Identifier: Apache-2.0
// An HTTP/1.1 answer with a Content-Length (RFC 9112).
#ifndef PARLEY_LOAD_ANSWER_H
#define PARLEY_LOAD_ANSWER_H

#include <stddef.h>

typedef struct answer {
    int status;
    const char *body; // within what was read
    size_t body_len;
} answer;

// Reads one from the beginning of `in`: its whole length, or 0 when more must come. Dies of anything else.
size_t answer_read(const char *in, size_t have, answer *a);

#endif
