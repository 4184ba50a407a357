// SPDX-License-Identifier: Apache-2.0
// The table of commands; see command.h and section 3.1 of the protocol.
#include "relay/command.h"

#include <string.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "lib/message.h"
#include "lib/rate.h"
#include "relay/hello.h"
#include "relay/limits.h"
#include "relay/presence.h"
#include "relay/receipts.h"
#include "relay/typing.h"
#include "relay/writer.h"

enum command_rate {
    RATE_COMMAND, // command_rate_limit of the session: failed
    RATE_MESSAGE, // message_rate_limit of the account: failed
    RATE_LIGHT,   // command_rate_limit: dropped without a word
};

// What a command's function works with. Something wrong goes to in->why.
struct call {
    struct core_session *cs;
    struct session *session;
    const config *cfg;
    struct json_object *object;
    json_reader *in;
};

struct command {
    const char *name;
    enum command_rate rate;
    void (*run)(struct call *c);
};

// --- answers ------------------------------------------------------------------------------------------------------

void command_failed(struct session *s, const char *command, const char *ref, const problem *why) {
    buf text;
    buf_init(&text, BUF_NO_LIMIT);
    buf_add_text(&text, "{\"type\":\"failed\",");
    if (ref) {
        buf_add_text(&text, "\"ref\":");
        buf_add_json_text(&text, ref);
        buf_add_char(&text, ',');
    }
    buf_add_text(&text, "\"command\":");
    buf_add_json_text(&text, command);
    buf_add_text(&text, ",\"error\":");
    problem_write(&text, why);
    buf_add_char(&text, '}');
    struct event *e = event_new(text.data, text.len);
    session_send(s, e, EVENT_ANSWER);
    event_unref(e);
    buf_free(&text);
}

// --- messages and their changes -----------------------------------------------------------------------------------

static void run_send(struct call *c) {
    arena *scratch = c->session->relay->core->scratch;
    message_new m = message_read(c->in, c->cfg, scratch);
    if (!json_ok(c->in)) return;
    writer_post(c->session, &(struct writer_command){
                                .kind = "send",
                                .ref = m.ref,
                                .conversation = m.conversation,
                                .body = m.body,
                                .reply_to = m.reply_to,
                                .thread = m.thread,
                                .mentions = message_mentions_text(scratch, m.mentions, m.mentions_count)});
}

// What every change of a message names.
static struct writer_command read_change(struct call *c, const char *kind) {
    return (struct writer_command){
        .kind = kind,
        .ref = json_need_uuid(c->in, "ref"),
        .conversation = json_need_id(c->in, "conversation"),
        .seq = message_need_seq(c->in, "seq"),
    };
}

static void post_change(struct call *c, const struct writer_command *change) {
    if (json_ok(c->in)) writer_post(c->session, change);
}

static void run_edit(struct call *c) {
    arena *scratch = c->session->relay->core->scratch;
    int64_t *mentions;
    struct writer_command change = read_change(c, "edit");
    change.body = message_body(c->in, c->cfg);
    change.base = message_want_seq(c->in, "mod");
    size_t n = message_mentions(c->in, scratch, &mentions);
    change.mentions = message_mentions_text(scratch, mentions, n);
    post_change(c, &change);
}

static void run_delete(struct call *c) {
    struct writer_command change = read_change(c, "delete");
    change.base = message_want_seq(c->in, "mod");
    post_change(c, &change);
}

static void run_react(struct call *c) {
    struct writer_command change = read_change(c, "react");
    change.body = message_emoji(c->in);
    post_change(c, &change);
}

static void run_unreact(struct call *c) {
    struct writer_command change = read_change(c, "unreact");
    change.body = message_emoji(c->in);
    post_change(c, &change);
}

static void run_pin(struct call *c) {
    struct writer_command change = read_change(c, "pin");
    post_change(c, &change);
}

static void run_unpin(struct call *c) {
    struct writer_command change = read_change(c, "unpin");
    post_change(c, &change);
}

// --- markers, typing, presence ------------------------------------------------------------------------------------

static void run_read(struct call *c) {
    int64_t conversation = json_need_id(c->in, "conversation");
    int64_t seq = json_need_int(c->in, "seq", 0, SEQ_MAX);
    if (json_ok(c->in)) receipts_add(c->session, conversation, seq, 0);
}

static void run_received(struct call *c) {
    int64_t conversation = json_need_id(c->in, "conversation");
    int64_t seq = json_need_int(c->in, "seq", 0, SEQ_MAX);
    if (json_ok(c->in)) receipts_add(c->session, conversation, 0, seq);
}

static void run_typing(struct call *c) {
    int64_t conversation = json_need_id(c->in, "conversation");
    bool on = json_want_bool(c->in, "on", true);
    if (json_ok(c->in)) typing_said(c->session, conversation, on);
}

static void status_failed(struct session *s, const problem *why) {
    command_failed(s, "status", NULL, why);
}

static void run_status(struct call *c) {
    static const char *const states[] = {"online", "away", "dnd", "invisible", NULL};
    const char *state = json_need_choice(c->in, "state", states);
    const char *text = json_want_text(
        c->in, "text", (text_rule){.min = 0, .max = c->cfg->status_max_chars, .flags = TEXT_NAME});
    const char *emoji = json_want_text(
        c->in, "emoji", (text_rule){.min = 0, .max = MESSAGE_EMOJI_BYTES, .flags = TEXT_NAME | TEXT_BYTES});
    if (!json_ok(c->in)) return;
    presence_status(c->session, state, text, emoji, status_failed);
}

static void run_watch(struct call *c) {
    arena *scratch = c->session->relay->core->scratch;
    int64_t *accounts = NULL;
    if (!json_has(c->in, "accounts")) json_wrong(c->in, "accounts", "an array of ids");
    size_t n = json_want_ids(c->in, "accounts", (size_t)c->cfg->watch_max, scratch, &accounts);
    if (json_ok(c->in)) presence_watch(c->session, accounts, n);
}

// --- the link itself ----------------------------------------------------------------------------------------------

static void run_ping(struct call *c) {
    char now[CLOCK_TEXT];
    bool numbered = json_has(c->in, "n");
    int64_t n = json_want_int(c->in, "n", -SEQ_MAX, SEQ_MAX, 0);
    if (!json_ok(c->in)) return;
    clock_format(clock_wall_ms(), now);
    if (numbered) {
        session_printf(c->session, EVENT_ANSWER, "{\"type\":\"pong\",\"n\":%lld,\"time\":\"%s\"}",
                       (long long)n, now);
    } else {
        session_printf(c->session, EVENT_ANSWER, "{\"type\":\"pong\",\"time\":\"%s\"}", now);
    }
}

static void run_hello(struct call *c) {
    hello_start(c->cs, c->object);
}

static void run_resume(struct call *c) {
    hello_resume(c->cs, c->object, c->in->why);
}

// --- the table ----------------------------------------------------------------------------------------------------

static const struct command COMMANDS[] = {
    {"send", RATE_MESSAGE, run_send},         {"edit", RATE_COMMAND, run_edit},
    {"delete", RATE_COMMAND, run_delete},     {"react", RATE_COMMAND, run_react},
    {"unreact", RATE_COMMAND, run_unreact},   {"pin", RATE_COMMAND, run_pin},
    {"unpin", RATE_COMMAND, run_unpin},       {"read", RATE_COMMAND, run_read},
    {"received", RATE_COMMAND, run_received}, {"typing", RATE_LIGHT, run_typing},
    {"status", RATE_COMMAND, run_status},     {"watch", RATE_COMMAND, run_watch},
    {"ping", RATE_COMMAND, run_ping},         {"resume", RATE_COMMAND, run_resume},
    {"hello", RATE_COMMAND, run_hello},
};

static const struct command *find(const char *name) {
    for (size_t i = 0; i < sizeof COMMANDS / sizeof COMMANDS[0]; i++) {
        if (strcmp(COMMANDS[i].name, name) == 0) return &COMMANDS[i];
    }
    return NULL;
}

static const char *text_member(struct json_object *object, const char *name) {
    struct json_object *value;
    if (!json_object_object_get_ex(object, name, &value) || !json_object_is_type(value, json_type_string))
        return NULL;
    return json_object_get_string(value);
}

// The ref to be shown in `failed`: whatever text was given, unless it is too long to be one.
static const char *shown_ref(struct json_object *object) {
    const char *ref = text_member(object, "ref");
    return ref && strlen(ref) <= 64 ? ref : NULL;
}

static void too_fast(problem *why, int64_t retry_ms) {
    problem_set(why, ERROR_TOO_MANY, "Wait before you try again.");
    why->retry_after = (int)((retry_ms + 999) / 1000);
}

// False when the rate does not allow it; why is left empty when nothing is to be said of that.
static bool allowed(struct session *s, const struct command *command, problem *why) {
    const config *cfg = s->relay->cfg;
    int64_t retry_ms = 0;
    bool good = command->rate == RATE_MESSAGE ? limits_message(s->relay->core, s->account_id, &retry_ms)
                                              : bucket_take(&s->commands, &cfg->command_rate_limit,
                                                            cfg->command_burst, clock_ms(), &retry_ms);
    if (!good && command->rate != RATE_LIGHT) too_fast(why, retry_ms);
    return good;
}

static void run_known(struct core_session *cs, struct json_object *object) {
    struct session *s = cs->session;
    const char *name = text_member(object, "type");
    const struct command *command = find(name);
    problem why = {0};
    json_reader in = json_reader_of(object, &why);
    if (!command) {
        problem_set(&why, ERROR_UNKNOWN_COMMAND, NULL);
        command_failed(s, strlen(name) <= 64 ? name : "", shown_ref(object), &why);
        return;
    }
    arena_reset(s->relay->core->scratch);
    if (allowed(s, command, &why)) {
        command->run(
            &(struct call){.cs = cs, .session = s, .cfg = s->relay->cfg, .object = object, .in = &in});
    }
    if (why.code != ERROR_NONE) command_failed(s, name, shown_ref(object), &why);
}

// --- before welcome -----------------------------------------------------------------------------------------------

// Commands that came before it was known who says them.
struct command_list {
    size_t bytes;
    size_t count, cap;
    struct json_object *items[];
};

static void hold(struct core_session *cs, struct json_object *object) {
    const config *cfg = cs->session->relay->cfg;
    struct command_list *l = cs->early;
    if (!l) {
        l = mem_alloc(sizeof *l + (size_t)cfg->commands_max * sizeof l->items[0]);
        l->cap = (size_t)cfg->commands_max;
        cs->early = l;
    }
    l->bytes += strlen(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
    if (l->count == l->cap || l->bytes > (size_t)cfg->body_max_bytes) {
        problem why;
        problem_set(&why, ERROR_TOO_MANY, "Wait for `welcome`.");
        command_failed(cs->session, text_member(object, "type"), shown_ref(object), &why);
        return;
    }
    l->items[l->count++] = json_object_get(object);
}

void command_forget_held(struct core_session *cs) {
    struct command_list *l = cs->early;
    if (!l) return;
    cs->early = NULL;
    for (size_t i = 0; i < l->count; i++)
        json_object_put(l->items[i]);
    mem_free(l);
}

void command_run_held(struct core_session *cs) {
    struct command_list *l = cs->early;
    if (!l) return;
    cs->early = NULL;
    for (size_t i = 0; i < l->count; i++) {
        if (!session_ended(cs->session)) run_known(cs, l->items[i]);
        json_object_put(l->items[i]);
    }
    mem_free(l);
}

void command_run(struct core_session *cs, struct json_object *object) {
    struct session *s = cs->session;
    const char *type = text_member(object, "type");
    bool first = s->account_id == 0;
    if (session_ended(s)) return;
    if (first && strcmp(type, "hello") != 0 && strcmp(type, "resume") != 0 && strcmp(type, "ping") != 0) {
        hold(cs, object);
    } else {
        run_known(cs, object);
    }
}
