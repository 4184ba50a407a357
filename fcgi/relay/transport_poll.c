// SPDX-License-Identifier: Apache-2.0
// Long-poll transport: protocol.md section 3.4, each rule of it.
//
// A poll session is named by 128 random bits and bound to the credential that opened it. It has at most one request held
// and one batch that was sent and not acknowledged.
//
// Invariants:
//   * batch is acked or acked + 1. While it is acked + 1, `frozen` holds its events and no request is held.
//   * Each numbered command runs once, in order of numbers; early ones wait in `early`, bounded in number and bytes.
//   * A body is judged whole before anything of it counts.
//   * The poll outlives its live session by its last batch, until that is acknowledged or LIFE_MS are over.
// Refuses: what is not JSON of the right form (400), too many early commands (429), a session that is unknown, expired or
// another credential's (410).
#include <json-c/json_object.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/json.h"
#include "lib/mem.h"
#include "relay/core.h"
#include "relay/lease.h"
#include "relay/pipe.h"
#include "relay/transport.h"

#define ID_BYTES 16
#define ID_TEXT (2 * ID_BYTES + 1)
#define LIFE_MS 60000 // without a request
#define WAIT_SECONDS 25
#define OPENING_MS 10000 // a hello is answered by then
#define EARLY_MAX 100
#define NUMBER_MAX ((int64_t)1 << 53)

struct early {
    int64_t number;
    struct json_object *command;
};

struct poll {
    struct relay *relay;
    struct session *session; // NULL when it has ended
    char id[ID_TEXT];
    int64_t key; // of the map
    uint8_t token_hash[TOKEN_HASH];
    struct request *held;
    uv_timer_t timer; // end of the wait while held, else of its life
    int64_t acked, batch;
    char *frozen; // events of `batch`: a JSON array
    size_t frozen_len;
    char *last; // events for one more batch when the session has ended
    size_t last_len;
    enum error end; // why the session ended
    bool numbered;  // `first` was used
    int64_t taken;
    struct early *early;
    int early_count;
    size_t early_bytes;
    bool opening; // no batch yet
};

// A request's body.
struct order {
    const char *session;      // NULL opens one
    int64_t ack, wait, first; // first 0 = none
    struct json_object *commands;
    size_t count;
    size_t bytes;
};

static struct poll *poll_of(const struct session *s) {
    return s->pipe;
}

// --- life ---------------------------------------------------------------------------------------------------------

static void drop_early(struct poll *p) {
    for (int i = 0; i < p->early_count; i++)
        json_object_put(p->early[i].command);
    mem_free(p->early);
    p->early = NULL;
    p->early_count = 0;
    p->early_bytes = 0;
}

static void on_timer_closed(uv_handle_t *handle) {
    mem_free(handle->data);
}

// The poll is no more; its session, if it lives, is told.
static void poll_free(struct poll *p) {
    idmap_remove(&p->relay->transports->polls, p->key);
    if (p->held) p->held->held = NULL;
    struct session *s = p->session;
    p->session = NULL;
    if (s) {
        session_lost(s);
        s->pipe = NULL;
        session_unref(s);
    }
    drop_early(p);
    mem_free(p->frozen);
    mem_free(p->last);
    p->frozen = p->last = NULL;
    uv_timer_stop(&p->timer);
    uv_close((uv_handle_t *)&p->timer, on_timer_closed);
}

static void answer_batch(struct poll *p);

static void on_timer(uv_timer_t *timer) {
    struct poll *p = timer->data;
    if (p->held) {
        answer_batch(p);
    } else {
        poll_free(p);
    }
}

static void set_timer(struct poll *p, int64_t ms) {
    uv_timer_start(&p->timer, on_timer, (uint64_t)ms, 0);
}

static int64_t key_of(const char *id) {
    uint64_t key = 0;
    for (int i = 0; i < 16; i++)
        key = key << 4 | (uint64_t)(id[i] <= '9' ? id[i] - '0' : id[i] - 'a' + 10);
    return (int64_t)(key >> 1) | 1;
}

static struct poll *poll_new(struct relay *r, const credential *who, const char *address) {
    struct poll *p = mem_alloc(sizeof *p);
    p->relay = r;
    p->opening = true;
    uint8_t bytes[ID_BYTES];
    do {
        token_bytes(bytes, sizeof bytes);
        token_hex(p->id, ID_BYTES);
        p->key = key_of(p->id);
    } while (idmap_get(&r->transports->polls, p->key));
    memcpy(p->token_hash, who->hash, sizeof p->token_hash);
    uv_timer_init(r->loop, &p->timer);
    p->timer.data = p;
    idmap_put(&r->transports->polls, p->key, p);
    p->session = session_ref(session_open(r, &transport_poll, p, address));
    p->session->has_token = true;
    memcpy(p->session->token_hash, who->hash, sizeof who->hash);
    return p;
}

static bool id_well_formed(const char *id) {
    return strlen(id) == ID_TEXT - 1 && strspn(id, "0123456789abcdef") == ID_TEXT - 1;
}

static struct poll *find_poll(struct relay *r, const char *id, const credential *who) {
    if (!id_well_formed(id)) return NULL;
    struct poll *p = idmap_get(&r->transports->polls, key_of(id));
    if (!p || !token_equal(p->token_hash, who->hash)) return NULL;
    unsigned differs = 0;
    for (int i = 0; i < ID_TEXT - 1; i++)
        differs |= (unsigned)(p->id[i] ^ id[i]);
    return differs == 0 ? p : NULL;
}

// --- answers ------------------------------------------------------------------------------------------------------

static void add_taken(const struct poll *p, buf *out) {
    if (p->numbered) buf_printf(out, ",\"taken\":%lld", (long long)p->taken);
    buf_add_char(out, '}');
}

// Answers q with the batch, or with none when nothing is frozen.
static void send_batch(struct poll *p, struct request *q) {
    buf out;
    buf_init(&out, BUF_NO_LIMIT);
    buf_printf(&out, "{\"session\":\"%s\",\"batch\":%lld,\"events\":", p->id, (long long)p->batch);
    buf_add(&out, p->frozen ? p->frozen : "[]", p->frozen ? p->frozen_len : 2);
    add_taken(p, &out);
    request_json(q, out.data, out.len);
    buf_free(&out);
}

static void send_superseded(struct poll *p, struct request *q) {
    buf out;
    buf_init(&out, BUF_NO_LIMIT);
    buf_printf(&out, "{\"session\":\"%s\",\"superseded\":true", p->id);
    add_taken(p, &out);
    request_json(q, out.data, out.len);
    buf_free(&out);
}

// All that is queued, as an array to be freed by the caller.
static char *take_events(struct session *s, size_t *len) {
    buf out;
    struct event *lone;
    buf_init(&out, BUF_NO_LIMIT);
    session_take(s, &out, &lone);
    if (lone) {
        buf_add(&out, lone->frame, lone->len + 2u);
        event_unref(lone);
    }
    *len = out.len;
    char *events = buf_take(&out);
    buf_free(&out);
    return events;
}

// Freezes what is queued as the next batch. Only when none is frozen.
static void freeze(struct poll *p) {
    if (p->last) {
        p->frozen = p->last;
        p->frozen_len = p->last_len;
        p->last = NULL;
    } else if (p->session && p->session->queue.count > 0) {
        p->frozen = take_events(p->session, &p->frozen_len);
    } else {
        return;
    }
    p->batch++;
    p->opening = false;
}

static void let_go(struct poll *p) {
    p->held = NULL;
    set_timer(p, LIFE_MS);
}

// Ends the wait of the held request.
static void answer_batch(struct poll *p) {
    struct request *q = p->held;
    if (!p->frozen) freeze(p);
    let_go(p);
    send_batch(p, q);
}

static void supersede(struct poll *p) {
    struct request *q = p->held;
    if (!q) return;
    let_go(p);
    send_superseded(p, q);
}

static void send_end(struct poll *p, struct request *q) {
    bool dead = error_info(p->end)->status == 401;
    request_error(q, dead ? p->end : ERROR_GONE, "the session has ended; open a new one");
}

// --- commands -----------------------------------------------------------------------------------------------------

static int find_early(const struct poll *p, int64_t number) {
    for (int i = 0; i < p->early_count; i++)
        if (p->early[i].number == number) return i;
    return -1;
}

static void keep_early(struct poll *p, int64_t number, struct json_object *command) {
    if (find_early(p, number) >= 0) return;
    if (!p->early) p->early = mem_array(EARLY_MAX, sizeof *p->early);
    p->early[p->early_count++] = (struct early){.number = number, .command = json_object_get(command)};
}

static void run_early(struct poll *p) {
    for (int i; p->session && (i = find_early(p, p->taken + 1)) >= 0;) {
        struct json_object *command = p->early[i].command;
        p->early[i] = p->early[--p->early_count];
        p->taken++;
        core_run(p->session, command);
        json_object_put(command);
    }
    if (p->early_count == 0) drop_early(p);
}

static void run_numbered(struct poll *p, const struct order *o) {
    p->numbered = true;
    int before = p->early_count;
    for (size_t i = 0; i < o->count; i++) {
        struct json_object *command = json_object_array_get_idx(o->commands, i);
        int64_t number = o->first + (int64_t)i;
        if (number > p->taken + 1) {
            keep_early(p, number, command);
        } else if (number == p->taken + 1) {
            p->taken++;
            core_run(p->session, command);
        }
    }
    if (p->early_count > before) p->early_bytes += o->bytes;
    run_early(p);
}

static void run_commands(struct poll *p, const struct order *o) {
    if (o->first > 0) {
        run_numbered(p, o);
        return;
    }
    for (size_t i = 0; i < o->count; i++)
        core_run(p->session, json_object_array_get_idx(o->commands, i));
}

// Would the early ones among the commands find room?
static bool early_fit(const struct poll *p, const struct order *o) {
    if (o->first <= p->taken + 1) return true;
    int more = 0;
    for (size_t i = 0; i < o->count; i++)
        more += find_early(p, o->first + (int64_t)i) < 0;
    return more == 0 || (p->early_count + more <= EARLY_MAX &&
                         p->early_bytes + o->bytes <= 2 * (size_t)p->relay->cfg->body_max_bytes);
}

// --- requests -----------------------------------------------------------------------------------------------------

static bool read_order(struct json_object *body, struct order *o, const config *cfg, problem *why) {
    json_reader in = json_reader_of(body, why);
    if (!json_is_null(&in, "session"))
        o->session = json_want_text(&in, "session", (text_rule){0, 64, TEXT_BYTES});
    o->ack = json_want_int(&in, "ack", 0, NUMBER_MAX, 0);
    o->wait = json_want_int(&in, "wait", 0, INT32_MAX, WAIT_SECONDS);
    if (o->wait > cfg->poll_wait_max) o->wait = cfg->poll_wait_max;
    o->first = json_want_int(&in, "first", 1, NUMBER_MAX, 0);
    o->commands = json_want_array(&in, "commands", (size_t)cfg->commands_max);
    o->count = o->commands ? json_object_array_length(o->commands) : 0;
    return json_ok(&in);
}

// Waits for events, at most ms; what is there already goes at the end of this turn.
static void hold(struct poll *p, struct request *q, int64_t ms) {
    p->held = q;
    q->held = p;
    set_timer(p, ms);
    if (p->session) session_wake(p->session);
}

// The commands are good and counted; now the batches.
static void serve(struct poll *p, struct request *q, const struct order *o) {
    if (o->ack < p->acked) {
        send_superseded(p, q);
        if (!p->held) set_timer(p, LIFE_MS);
        return;
    }
    supersede(p);
    if (p->frozen && o->ack == p->batch) {
        mem_free(p->frozen);
        p->frozen = NULL;
    }
    if (!p->frozen) p->acked = p->batch;
    if (!p->frozen && !p->session && p->last) freeze(p);
    if (p->frozen) {
        set_timer(p, LIFE_MS);
        send_batch(p, q);
    } else if (!p->session) {
        set_timer(p, LIFE_MS);
        send_end(p, q);
    } else {
        hold(p, q, o->wait * 1000);
    }
}

static void go_on(struct request *q, const struct order *o) {
    struct relay *r = q->pipe->relay;
    struct poll *p = find_poll(r, o->session, &q->credential);
    problem why = {0};
    if (!p) {
        request_error(q, ERROR_GONE, "there is no such poll session of yours; open a new one");
    } else if (o->ack > p->batch) {
        request_error(q, ERROR_INVALID, "ack: %lld was not sent yet", (long long)o->ack);
    } else if (!p->session) {
        serve(p, q, o);
    } else if (o->count > 0 && core_check(p->session, o->commands, &why) != ERROR_NONE) {
        request_problem(q, &why);
    } else if (!early_fit(p, o)) {
        problem_set(&why, ERROR_TOO_MANY, "commands before %lld are missing", (long long)p->taken + 1);
        why.retry_after = 1;
        request_problem(q, &why);
    } else {
        run_commands(p, o);
        serve(p, q, o);
    }
}

static void open_new(struct request *q, const struct order *o) {
    struct relay *r = q->pipe->relay;
    problem why = {0};
    if (transports_full(r)) {
        request_error(q, ERROR_UNAVAILABLE, "this relay is full");
        return;
    }
    if (o->count == 0 || o->ack != 0 || o->first > 1) {
        request_error(q, ERROR_INVALID, "a poll session begins with a hello, command 1, and ack 0");
        return;
    }
    struct poll *p = poll_new(r, &q->credential, q->address);
    if (core_check(p->session, o->commands, &why) != ERROR_NONE) {
        poll_free(p);
        request_problem(q, &why);
        return;
    }
    run_commands(p, o);
    hold(p, q, OPENING_MS);
}

static void refuse_unavailable(struct request *q) {
    request_error(q, ERROR_UNAVAILABLE, "this relay does not work just now");
}

void poll_request(struct request *q) {
    struct relay *r = q->pipe->relay;
    problem why = {0};
    if (lease_state(r) != LEASE_GOOD && !r->stopping) {
        refuse_unavailable(q);
        return;
    }
    struct json_object *body = json_parse(q->body.data, q->body.len, r->cfg->json_depth, &why);
    struct order o = {.bytes = q->body.len};
    buf_free(&q->body);
    buf_init(&q->body, 0);
    if (!body || !read_order(body, &o, r->cfg, &why)) {
        request_problem(q, &why);
    } else if (r->stopping && (!o.session || o.count > 0)) {
        refuse_unavailable(q); // who only waits gets its bye
    } else if (o.session) {
        go_on(q, &o);
    } else {
        open_new(q, &o);
    }
    json_object_put(body);
}

void poll_abandoned(struct request *q) {
    struct poll *p = q->held;
    q->held = NULL;
    p->held = NULL;
    set_timer(p, LIFE_MS);
}

void poll_stop(struct relay *r) {
    struct idmap *polls = &r->transports->polls;
    size_t at = 0;
    for (struct poll *p; (p = idmap_next(polls, &at, NULL)); at = 0)
        poll_free(p);
}

// --- the transport ------------------------------------------------------------------------------------------------

static void poll_flush(struct session *s) {
    struct poll *p = poll_of(s);
    if (p->held) answer_batch(p);
}

static bool poll_idle(const struct session *s) {
    (void)s;
    return true;
}

// A session that was never welcomed is answered with why; any other gets its bye as the last batch.
static void poll_end(struct session *s) {
    struct poll *p = poll_of(s);
    if (!p) return;
    p->session = NULL;
    p->end = s->end->code;
    bool bye = s->queue.count > 0;
    if (bye) p->last = take_events(s, &p->last_len);
    drop_early(p);
    struct request *q = p->held;
    bool refused = p->opening || !bye;
    if (q && refused) {
        let_go(p);
        request_problem(q, s->end);
    } else if (q) {
        answer_batch(p);
    }
    s->pipe = NULL;
    session_unref(s);
    if (p->opening) poll_free(p);
}

const struct transport transport_poll = {
    .name = "poll", .flush = poll_flush, .idle = poll_idle, .end = poll_end};
