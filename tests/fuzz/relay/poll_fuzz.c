// SPDX-License-Identifier: Apache-2.0
// Long-poll: each line is the body of one request; "@" in it stands for the session that was answered last (an opening is
// answered at once when it has a ping behind its hello), and a line that begins with ! comes with another credential. Each request is answered once, or held by a session; an answer is a batch or
// `superseded`, or one of the documented problems. Batches and `taken` never go back, and a batch that comes again is the same.
#include <json-c/json_object.h>
#include <stdarg.h>

#include "lib/json.h"
#include "relay/pipe.h"
#include "stage.h"

#define INPUTS 500 // of one relay: what waits for the database waits for ever
#define REQUESTS_MAX 24

static struct pipe pipe_of_all;
static struct request requests[REQUESTS_MAX];
static bool answered[REQUESTS_MAX];

// What is known of the session that was answered last.
static struct {
    char id[40];
    int64_t batch, taken;
    char events[1 << 16]; // of the batch; "" = unknown
} known;

// --- in place of transport.c ---

bool transports_full(const struct relay *r) {
    (void)r;
    return false;
}

size_t transports_room(const struct relay *r) {
    (void)r;
    return 1;
}

static void answer(struct request *q) {
    size_t i = (size_t)(q - requests);
    assert(!answered[i]);
    answered[i] = true;
    q->held = NULL;
}

static int64_t number_of(struct json_object *object, const char *name) {
    struct json_object *value;
    return json_object_object_get_ex(object, name, &value) ? json_object_get_int64(value) : -1;
}

static void look(struct json_object *object) {
    struct json_object *value;
    assert(json_object_object_get_ex(object, "session", &value));
    if (strcmp(known.id, json_object_get_string(value)) != 0) {
        memset(&known, 0, sizeof known);
        snprintf(known.id, sizeof known.id, "%s", json_object_get_string(value));
    }
    int64_t taken = number_of(object, "taken"), batch = number_of(object, "batch");
    assert(taken == -1 || taken >= known.taken);
    if (taken >= 0) known.taken = taken;
    assert((batch == -1) == json_object_object_get_ex(object, "superseded", &value));
    if (batch == -1) return;
    assert(batch == known.batch || batch == known.batch + 1);
    assert(json_object_object_get_ex(object, "events", &value));
    if (json_object_array_length(value) == 0) return;
    const char *events = json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN);
    assert(batch != known.batch || known.events[0] == '\0' ||
           strncmp(events, known.events, sizeof known.events - 1) == 0);
    snprintf(known.events, sizeof known.events, "%s", events);
    known.batch = batch;
}

void request_json(struct request *q, const char *body, size_t len) {
    problem why = {0};
    answer(q);
    struct json_object *object = json_parse(body, len, 16, &why);
    assert(object != NULL && q->credential.hash[0] == 0);
    look(object);
    json_object_put(object);
}

void request_problem(struct request *q, const problem *p) {
    int status = error_info(p->code)->status;
    answer(q);
    assert(status == 400 || status == 401 || status == 410 || status == 429);
}

void request_error(struct request *q, enum error code, const char *format, ...) {
    (void)format;
    request_problem(q, &(problem){.code = code});
}

// --- the requests ---

static void add_body(buf *out, const char *line) {
    for (const char *p = line; *p; p++) {
        if (strncmp(p, "\"@\"", 3) == 0) {
            buf_printf(out, "\"%s\"", known.id);
            p += 2;
        } else {
            buf_add_char(out, *p);
        }
    }
}

static void ask(struct request *q, const char *line) {
    *q = (struct request){.pipe = &pipe_of_all, .more = "", .keep = true, .json = true, .complete = true};
    q->credential.kind = CREDENTIAL_BEARER;
    q->credential.hash[0] = line[0] == '!';
    buf_init(&q->body, (size_t)cfg.body_max_bytes);
    add_body(&q->body, line + (line[0] == '!'));
    poll_request(q);
    for (struct session *s = session_next(&relay, NULL); s; s = session_next(&relay, s))
        if (s->account_id == 0) welcome(s, 1);
    sessions_flush(&relay);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int inputs;
    static struct transports transports;
    if (inputs == 0) {
        relay_up("");
        transports = (struct transports){.sessions_max = 1};
        relay.transports = &transports;
        pipe_of_all.relay = &relay;
    }
    size_t count = 0;
    memset(&known, 0, sizeof known);
    memset(answered, 0, sizeof answered);
    for (; size > 0 && count < REQUESTS_MAX; count++) {
        char *line = fuzz_line(&data, &size);
        ask(&requests[count], line);
        free(line);
    }
    for (size_t i = 0; i < count; i++) {
        assert(answered[i] == (requests[i].held == NULL));
        if (requests[i].held) poll_abandoned(&requests[i]);
        buf_free(&requests[i].body);
    }
    poll_stop(&relay);
    sessions_flush(&relay);
    uv_run(&loop, UV_RUN_NOWAIT);
    if (++inputs < INPUTS) return 0;
    relay_down();
    inputs = 0;
    return 0;
}
