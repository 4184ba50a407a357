// SPDX-License-Identifier: Apache-2.0
// One WebSocket message of somebody who is logged in, through the table of commands. Either the session goes on, and what
// comes down is an array of events with a type; or it is refused with one of the documented close codes.
#include <json-c/json_object.h>

#include "lib/json.h"
#include "stage.h"

#define INPUTS 500 // of one relay: what waits for the database waits for ever

static void look(struct session *s) {
    buf out;
    struct event *lone;
    problem why = {0};
    buf_init(&out, BUF_NO_LIMIT);
    size_t count = session_take(s, &out, &lone);
    if (lone) buf_add(&out, lone->frame, lone->len + 2u);
    event_unref(lone);
    struct json_object *events = json_parse(out.data, out.len, 16, &why), *type;
    assert(count == 0 || json_object_array_length(events) == count);
    for (size_t i = 0; i < count; i++)
        assert(json_object_object_get_ex(json_object_array_get_idx(events, i), "type", &type));
    json_object_put(events);
    buf_free(&out);
}

static bool idle(const struct session *s) {
    (void)s;
    return true;
}

static void over(struct session *s) {
    look(s);
    session_unref(s);
}

static const struct transport PAPER = {"paper", look, idle, over};

static bool documented(int code) {
    return code == 1003 || code == 1007 || code == 1008 || code == 1009 || code == 4001;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static int inputs;
    problem why = {0};
    if (inputs == 0) relay_up("");
    struct session *s = session_ref(session_open(&relay, &PAPER, NULL, "10.0.0.1"));
    s->has_token = true;
    welcome(s, 1 + inputs);
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    enum error refused = core_input(s, text, size, &why);
    free(text);
    assert(refused == why.code && (refused == ERROR_NONE || documented(error_info(refused)->close)));
    assert(!session_ended(s) || documented(error_info(s->end->code)->close));
    sessions_flush(&relay);
    session_fail(s, &(problem){.code = ERROR_INVALID});
    sessions_flush(&relay);
    if (++inputs < INPUTS) return 0;
    relay_down();
    inputs = 0;
    return 0;
}
