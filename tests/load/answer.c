// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include <stdlib.h>
#include <string.h>

#include "farm.h"

size_t answer_read(const char *in, size_t have, answer *a) {
    static const char length[] = "\r\nContent-Length: ";
    const char *end = memmem(in, have, "\r\n\r\n", 4);
    if (!end) return 0;
    const size_t head = (size_t)(end - in) + 4;
    const char *len = memmem(in, head, length, sizeof length - 1);
    if (have < 12 || memcmp(in, "HTTP/1.1 ", 9) != 0 || !len) die("no answer: %.*s", (int)head, in);
    a->status = atoi(in + 9);
    a->body = in + head;
    a->body_len = strtoull(len + sizeof length - 1, NULL, 10);
    return have < head + a->body_len ? 0 : head + a->body_len;
}
