// SPDX-License-Identifier: Apache-2.0
// A request of a FastCGI program: lines are CGI variables, what follows an empty line is the body. It goes the whole way
// through the router. Whatever comes, the answer is one of those documented, below 500, and its head is ours alone.
#include <stdio.h>

#include "../fuzz.h"
#include "lib/token.h"
#include "lib/utf8.h"
#include "web/response.h"
#include "web/router.h"

#define VARIABLES_MAX 40

static config cfg = {.public_url = "", .body_max_bytes = 1000, .json_depth = 16};

static void look(request *r) {
    int64_t *ids;
    for (size_t i = 0; i < r->query_count; i++) {
        assert(utf8_valid(r->query[i].name, strlen(r->query[i].name)));
        assert(utf8_valid(r->query[i].value, strlen(r->query[i].value)));
    }
    query_text(r, "q", (text_rule){0, 5, TEXT_NAME});
    int limit = query_limit(r, 50, 200);
    assert(limit >= 1 && limit <= 200);
    assert(query_int(r, "after", 0, 9, 4) <= 9 && query_id(r, "id") >= 0);
    assert(query_ids(r, "ids", 3, &ids) <= 3);
    const char *text = json_want_text(&r->in, "text", (text_rule){0, 20, TEXT_ANY});
    if (r->why.code != ERROR_NONE)
        answer_problem(r, &r->why);
    else if (text != NULL)
        answer_header(r, "X-Text", text);
    if (r->answer.status == 0) answer_json(r, 200, "{}", 2);
}

static const route ROUTES[] = {
    {METHOD_GET, "/a", ACCESS_ANYONE, BODY_NONE, 0, RATE_NONE, SITE_ANY, look},
    {METHOD_POST, "/a/{id}", ACCESS_ANYONE, BODY_JSON, 0, RATE_NONE, SITE_SAME, look},
    {METHOD_DELETE, "/a/{id}/b", ACCESS_ANYONE, BODY_NONE, 0, RATE_NONE, SITE_SAME, look},
};

typedef struct rest {
    const uint8_t *data;
    size_t size;
} rest;

static long read_rest(void *source, char *out, size_t cap) {
    rest *from = source;
    size_t some = from->size < cap ? from->size : cap;
    memcpy(out, from->data, some);
    from->data += some;
    from->size -= some;
    return (long)some;
}

// The head is lines that we wrote, then an empty one; as many as there should be.
static void head_is_ours(const request *r, const buf *out) {
    const char *end = strstr(out->data, "\r\n\r\n");
    size_t lines = 0;
    assert(end != NULL && strncmp(out->data, "Status: ", 8) == 0);
    for (const char *p = out->data; p <= end; p = strstr(p, "\r\n") + 2)
        lines++;
    assert(lines == 7 + (r->answer.type != NULL ? 2 : 0) + (size_t)r->answer.headers_count);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    log_setup("fuzz", LEVEL_OFF);
    token_setup();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const route_table table = {ROUTES, sizeof ROUTES / sizeof ROUTES[0]};
    char *variables[VARIABLES_MAX + 1] = {0};
    size_t count = 0;
    while (size > 0 && *data != '\n' && count < VARIABLES_MAX)
        variables[count++] = fuzz_line(&data, &size);
    rest body = {data, size};
    if (size > 0) body = (rest){data + 1, size - 1};
    arena *a = arena_create();
    buf out;
    request r;
    buf_init(&out, BUF_NO_LIMIT);
    request_read(&r, &cfg, NULL, a, variables);
    request_device(&r);
    router_dispatch(&table, &r, read_rest, &body);
    assert(r.answer.status >= 200 && r.answer.status < 500);
    answer_write(&r, &out);
    head_is_ours(&r, &out);
    request_end(&r);
    buf_free(&out);
    arena_destroy(a);
    while (count > 0)
        free(variables[--count]);
    return 0;
}
