// SPDX-License-Identifier: Apache-2.0
#include "relay/http.h"

#include <string.h>

static void write_answer(buf *out, int status, const char *type, const char *more, bool keep,
                         const char *body, size_t len) {
    static const char room[HTTP_ROOM];
    buf_add(out, room, sizeof room);
    buf_printf(out,
               "HTTP/1.1 %d %s\r\n"
               "Content-Type: %s\r\n"
               "Content-Length: %zu\r\n"
               "Cache-Control: no-store\r\n"
               "X-Content-Type-Options: nosniff\r\n"
               "%s%s\r\n",
               status, error_reason(status), type, len, keep ? "" : "Connection: close\r\n", more);
    buf_add(out, body, len);
}

void http_json(buf *out, const char *body, size_t len, bool keep) {
    write_answer(out, 200, "application/json", "", keep, body, len);
}

size_t http_problem(buf *out, const problem *p, const char *more, bool keep) {
    buf body;
    buf lines;
    buf_init(&body, BUF_NO_LIMIT);
    buf_init(&lines, BUF_NO_LIMIT);
    problem_write(&body, p);
    if (p->retry_after > 0) buf_printf(&lines, "Retry-After: %d\r\n", p->retry_after);
    if (error_info(p->code)->status == 401) buf_add_text(&lines, "WWW-Authenticate: Bearer\r\n");
    buf_add_text(&lines, more);
    write_answer(out, error_info(p->code)->status, "application/problem+json", lines.data, keep, body.data,
                 body.len);
    size_t len = body.len;
    buf_free(&body);
    buf_free(&lines);
    return len;
}
