// SPDX-License-Identifier: Apache-2.0
// Answers as CGI text. See response.h.
#include "web/response.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/utf8.h"
#include "web/router.h"

#define PROBLEM_MAX 2048

// On every answer. The documents are data: nothing in them may run, be framed or be taken for another type.
static const char FIXED_HEADERS[] = "Cache-Control: no-store\r\n"
                                    "X-Content-Type-Options: nosniff\r\n"
                                    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
                                    "Referrer-Policy: no-referrer\r\n"
                                    "Cross-Origin-Resource-Policy: same-origin\r\n";

// Begins a new answer; a result that an earlier one borrowed from stays until the request ends.
static void set(request *r, int status, const char *type, const char *body, size_t len) {
    r->answer.status = status;
    r->answer.type = type;
    r->answer.body = body;
    r->answer.len = len;
}

void answer_json(request *r, int status, const char *body, size_t len) {
    set(r, status, "application/json", body, len);
}

void answer_empty(request *r) {
    set(r, 204, NULL, "", 0);
}

void answer_problem(request *r, const problem *p) {
    buf text;
    char seconds[16];
    const error_row *row = error_info(p->code);
    buf_init(&text, PROBLEM_MAX);
    problem_write(&text, p);
    r->answer.headers_count = 0; // what was meant for a good answer
    set(r, row->status, "application/problem+json", arena_copy(r->arena, text.data, text.len), text.len);
    buf_free(&text);
    if (row->status == 401) answer_header(r, "WWW-Authenticate", "Bearer");
    if (p->retry_after <= 0) return;
    snprintf(seconds, sizeof seconds, "%d", p->retry_after);
    answer_header(r, "Retry-After", seconds);
}

void answer_error(request *r, enum error code, const char *format, ...) {
    char detail[sizeof r->why.detail] = "";
    va_list args;
    va_start(args, format);
    if (format != NULL) vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    problem_set(&r->why, code, "%s", detail);
    answer_problem(r, &r->why);
}

void answer_header(request *r, const char *name, const char *value) {
    if (utf8_has_control(value, strlen(value)) || r->answer.headers_count == ANSWER_HEADERS_MAX) {
        log_error(&r->log, "header %s cannot be sent", name);
        return;
    }
    r->answer.headers[r->answer.headers_count++] = arena_printf(r->arena, "%s: %s", name, value);
}

static void set_cookie(request *r, const char *token, int64_t max_age) {
    answer_header(r, "Set-Cookie",
                  arena_printf(r->arena,
                               CREDENTIAL_COOKIE "=%s; Path=/; Max-Age=%" PRId64 "; HttpOnly; SameSite=Lax%s",
                               token, max_age, config_https(r->cfg) ? "; Secure" : ""));
}

void answer_set_cookie(request *r, const char *token, int64_t max_age) {
    set_cookie(r, token, max_age);
}

void answer_end_cookie(request *r) {
    set_cookie(r, "", 0);
}

void answer_write(const request *r, buf *out) {
    const answer *a = &r->answer;
    buf_printf(out, "Status: %d %s\r\n", a->status, error_reason(a->status));
    if (a->type != NULL) buf_printf(out, "Content-Type: %s\r\nContent-Length: %zu\r\n", a->type, a->len);
    buf_add_text(out, FIXED_HEADERS);
    buf_printf(out, "X-Request-Id: %s\r\n", r->id);
    for (int i = 0; i < a->headers_count; i++)
        buf_printf(out, "%s\r\n", a->headers[i]);
    buf_add_text(out, "\r\n");
    if (!r->head) buf_add(out, a->body, a->len);
}
