// SPDX-License-Identifier: Apache-2.0
#include "relay/http.h"

#include <string.h>

// Of the statuses in the table of errors, and success.
static const struct reason {
    int status;
    const char *text;
} REASONS[] = {
    {200, "OK"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

static const char *reason_of(int status) {
    for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++)
        if (REASONS[i].status == status) return REASONS[i].text;
    return "Error";
}

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
               status, reason_of(status), type, len, keep ? "" : "Connection: close\r\n", more);
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
