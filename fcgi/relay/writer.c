// SPDX-License-Identifier: Apache-2.0
// Batches of commands; see writer.h.
#include "relay/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "relay/command.h"

#define SWEEP_MS 250
#define GIVE_UP_MS 60000          // an item of unknown fate that cannot be settled
#define BATCH_BYTES (1024 * 1024) // of texts in one batch

static const db_call CALLS[] = {
    {"live_post", "text[] bigint[] bigint[] uuid[] text[] bigint[] bigint[] bigint[] bigint[] text[]"},
};

struct item {
    struct item *next;
    struct session *session; // a reference
    int64_t account;
    int64_t asked_ms;
    size_t bytes;
    uint64_t number;               // rises
    bool unknown;                  // was handed over, and the answer lost
    struct writer_command command; // texts lie behind
};

struct lane {
    struct writer *writer;
    pgloop *pg;
    char name[24];
    struct item *first, *last; // waiting
    size_t waiting;
    struct item *batch[WRITER_BATCH];
    size_t count;   // in flight
    size_t singles; // so many are to go one by one
    int64_t pause_until_ms;
};

struct writer {
    struct core *core;
    struct lane lanes[WRITER_LANES];
    size_t bytes;     // of all items
    uint64_t numbers; // given to items
    uv_timer_t sweep;
    bool stopping;
};

// --- items --------------------------------------------------------------------------------------------------------

static size_t text_size(const char *text) {
    return text ? strlen(text) + 1 : 0;
}

static const char *copy_text(char **room, const char *text) {
    if (!text) return NULL;
    size_t size = strlen(text) + 1;
    char *copy = memcpy(*room, text, size);
    *room += size;
    return copy;
}

static struct item *item_new(struct session *s, const struct writer_command *command) {
    size_t bytes = sizeof(struct item) + text_size(command->ref) + text_size(command->body) +
                   text_size(command->mentions);
    struct item *i = mem_alloc(bytes);
    char *room = (char *)(i + 1);
    *i = (struct item){.session = session_ref(s),
                       .account = s->account_id,
                       .asked_ms = clock_ms(),
                       .bytes = bytes,
                       .command = *command};
    i->command.ref = copy_text(&room, command->ref);
    i->command.body = copy_text(&room, command->body);
    i->command.mentions = copy_text(&room, command->mentions);
    return i;
}

static void item_free(struct writer *w, struct item *i) {
    w->bytes -= i->bytes;
    session_unref(i->session);
    mem_free(i);
}

static void item_failed(struct writer *w, struct item *i, const problem *why) {
    command_failed(i->session, i->command.kind, i->command.ref, why);
    item_free(w, i);
}

static void item_unavailable(struct writer *w, struct item *i) {
    problem why;
    problem_set(&why, ERROR_UNAVAILABLE,
                "The database is away or too busy; send it again with the same ref.");
    item_failed(w, i, &why);
}

// --- the queue of a lane ------------------------------------------------------------------------------------------

static void push(struct lane *l, struct item *i) {
    i->next = NULL;
    if (l->last) {
        l->last->next = i;
    } else {
        l->first = i;
    }
    l->last = i;
    l->waiting++;
}

static struct item *pop(struct lane *l) {
    struct item *i = l->first;
    l->first = i->next;
    if (!l->first) l->last = NULL;
    l->waiting--;
    return i;
}

// The batch goes back to where it was taken from.
static void put_back(struct lane *l) {
    while (l->count > 0) {
        struct item *i = l->batch[--l->count];
        i->next = l->first;
        l->first = i;
        if (!l->last) l->last = i;
        l->waiting++;
    }
}

static void take_batch(struct lane *l) {
    size_t most = l->singles > 0 ? 1 : WRITER_BATCH;
    size_t bytes = 0;
    while (l->first && l->count < most && (l->count == 0 || bytes + l->first->bytes <= BATCH_BYTES)) {
        bytes += l->first->bytes;
        l->batch[l->count++] = pop(l);
    }
    if (l->singles > 0) l->singles--;
}

// --- the call -----------------------------------------------------------------------------------------------------

// bigint[] with NULL for 0.
static void add_numbers(db_params *p, const struct lane *l, size_t offset) {
    buf text;
    buf_init(&text, BUF_NO_LIMIT);
    for (size_t i = 0; i < l->count; i++) {
        int64_t number;
        memcpy(&number, (const char *)&l->batch[i]->command + offset, sizeof number);
        buf_add_char(&text, i == 0 ? '{' : ',');
        if (number == 0) {
            buf_add_text(&text, "NULL");
        } else {
            buf_add_int(&text, number);
        }
    }
    buf_add_char(&text, '}');
    db_text(p, text.data);
    buf_free(&text);
}

// text[] or uuid[] with NULL for NULL.
static void add_texts(db_params *p, const struct lane *l, size_t offset) {
    const char **texts = arena_array(p->arena, l->count, sizeof *texts);
    for (size_t i = 0; i < l->count; i++) {
        memcpy(&texts[i], (const char *)&l->batch[i]->command + offset, sizeof texts[i]);
    }
    db_texts(p, texts, l->count);
}

// The ref of a `send`; elsewhere it only ties the answer to the command.
static void add_refs(db_params *p, const struct lane *l) {
    const char **texts = arena_array(p->arena, l->count, sizeof *texts);
    for (size_t i = 0; i < l->count; i++) {
        const struct writer_command *c = &l->batch[i]->command;
        texts[i] = strcmp(c->kind, "send") == 0 ? c->ref : NULL;
    }
    db_texts(p, texts, l->count);
}

static void add_params(db_params *p, const struct lane *l) {
    int64_t *accounts = arena_array(p->arena, l->count, sizeof *accounts);
    for (size_t i = 0; i < l->count; i++)
        accounts[i] = l->batch[i]->account;
    add_texts(p, l, offsetof(struct writer_command, kind));
    db_ids(p, accounts, l->count);
    add_numbers(p, l, offsetof(struct writer_command, conversation));
    add_refs(p, l);
    add_texts(p, l, offsetof(struct writer_command, body));
    add_numbers(p, l, offsetof(struct writer_command, seq));
    add_numbers(p, l, offsetof(struct writer_command, base));
    add_numbers(p, l, offsetof(struct writer_command, reply_to));
    add_numbers(p, l, offsetof(struct writer_command, thread));
    add_texts(p, l, offsetof(struct writer_command, mentions));
}

// --- answers ------------------------------------------------------------------------------------------------------

struct columns {
    int item, problem, id, seq, mod, time;
};

static void answer_item(struct writer *w, struct item *i, const PGresult *result, int row,
                        const struct columns *at) {
    if (!PQgetisnull(result, row, at->problem)) {
        problem why;
        enum error code = error_by_name(PQgetvalue(result, row, at->problem));
        problem_set(&why, code == ERROR_NONE ? ERROR_INTERNAL : code, NULL);
        item_failed(w, i, &why);
        return;
    }
    session_printf(i->session, EVENT_ANSWER,
                   "{\"type\":\"sent\",\"ref\":\"%s\",\"conversation\":\"%lld\",\"id\":\"%s\",\"seq\":%s,"
                   "\"mod\":%s,\"time\":\"%s\"}",
                   i->command.ref, (long long)i->command.conversation, PQgetvalue(result, row, at->id),
                   PQgetvalue(result, row, at->seq), PQgetvalue(result, row, at->mod),
                   PQgetvalue(result, row, at->time));
    item_free(w, i);
}

static void answer_batch(struct lane *l, const PGresult *result) {
    struct columns at = {PQfnumber(result, "item"), PQfnumber(result, "problem"), PQfnumber(result, "id"),
                         PQfnumber(result, "seq"),  PQfnumber(result, "mod"),     PQfnumber(result, "time")};
    for (int row = 0; row < PQntuples(result); row++) {
        size_t item = strtoul(PQgetvalue(result, row, at.item), NULL, 10) - 1;
        if (item >= l->count || !l->batch[item]) continue;
        answer_item(l->writer, l->batch[item], result, row, &at);
        l->batch[item] = NULL;
    }
    for (size_t i = 0; i < l->count; i++) {
        if (!l->batch[i]) continue;
        problem why;
        problem_set(&why, ERROR_INTERNAL, NULL);
        log_error(NULL, "%s: a command was not answered", l->name);
        item_failed(l->writer, l->batch[i], &why);
    }
    l->count = 0;
}

// The database raised: nothing of the batch was done.
static void batch_raised(struct lane *l, const PGresult *result) {
    problem why;
    problem_from_result(&why, result);
    log_warn(NULL, "%s: a batch of %zu failed: %s: %s", l->name, l->count, error_info(why.code)->name,
             PQresultErrorField(result, PG_DIAG_SQLSTATE));
    if (l->count == 1 && !(l->batch[0]->unknown && why.code == ERROR_UNAVAILABLE)) {
        l->count = 0;
        item_failed(l->writer, l->batch[0], &why);
        return;
    }
    l->singles = l->count;
    l->pause_until_ms = l->count == 1 ? clock_ms() + SWEEP_MS : 0;
    put_back(l);
}

static void done(void *arg, enum pgloop_fate fate, const PGresult *result) {
    struct lane *l = arg;
    switch (fate) {
    case PGLOOP_DONE:
        answer_batch(l, result);
        break;
    case PGLOOP_FAILED:
        batch_raised(l, result);
        break;
    case PGLOOP_UNKNOWN:
        for (size_t i = 0; i < l->count; i++)
            l->batch[i]->unknown = true;
        l->singles = l->count;
        put_back(l);
        break;
    case PGLOOP_UNSENT:
        put_back(l);
    }
    core_changed(l->writer->core);
}

static void start_lane(struct lane *l) {
    if (l->count > 0 || !l->first || !pgloop_up(l->pg) || clock_ms() < l->pause_until_ms) return;
    arena *scratch = l->writer->core->scratch;
    arena_reset(scratch);
    db_params p = db_params_new(scratch);
    take_batch(l);
    add_params(&p, l);
    if (!pgloop_call(l->pg, "live_post", &p, 0, done, l)) put_back(l);
}

void writer_turn(struct core *c) {
    if (!c->writer || c->writer->stopping) return;
    for (int i = 0; i < WRITER_LANES; i++)
        start_lane(&c->writer->lanes[i]);
}

// --- time ---------------------------------------------------------------------------------------------------------

// Those that waited too long: known not to be stored, they are answered; else their session is to ask again.
static void sweep_lane(struct lane *l, int64_t now) {
    struct item *i = l->first;
    l->first = l->last = NULL;
    l->waiting = 0;
    while (i) {
        struct item *next = i->next;
        if (!i->unknown && now - i->asked_ms > WRITER_PATIENCE_MS) {
            item_unavailable(l->writer, i);
        } else if (now - i->asked_ms > GIVE_UP_MS) {
            session_end(i->session, ERROR_UNAVAILABLE, 0);
            item_free(l->writer, i);
        } else {
            push(l, i);
        }
        i = next;
    }
    if (l->singles > l->waiting) l->singles = l->waiting;
}

static void sweep(uv_timer_t *timer) {
    struct writer *w = timer->data;
    for (int i = 0; i < WRITER_LANES; i++) {
        if (w->lanes[i].first) sweep_lane(&w->lanes[i], clock_ms());
    }
    core_changed(w->core);
}

// --- outside ------------------------------------------------------------------------------------------------------

static void up(void *arg, const char *epoch) {
    struct lane *l = arg;
    core_epoch(l->writer->core, epoch);
    core_changed(l->writer->core);
}

void writer_start(struct core *c) {
    struct writer *w = mem_alloc(sizeof *w);
    w->core = c;
    c->writer = w;
    uv_timer_init(c->relay->loop, &w->sweep);
    w->sweep.data = w;
    uv_timer_start(&w->sweep, sweep, SWEEP_MS, SWEEP_MS);
    for (int i = 0; i < WRITER_LANES; i++) {
        struct lane *l = &w->lanes[i];
        l->writer = w;
        snprintf(l->name, sizeof l->name, "writer %d", i + 1);
        l->pg = pgloop_create(c->relay->loop, &(pgloop_options){.name = l->name,
                                                                .cfg = c->relay->cfg,
                                                                .program = RELAY_PROGRAM,
                                                                .calls = CALLS,
                                                                .calls_count = sizeof CALLS / sizeof CALLS[0],
                                                                .queue_max = 1,
                                                                .arg = l,
                                                                .up = up});
    }
}

static void closed(uv_handle_t *handle) {
    mem_free(handle->data);
}

void writer_stop(struct core *c) {
    struct writer *w = c->writer;
    if (!w) return;
    w->stopping = true;
    for (int i = 0; i < WRITER_LANES; i++) {
        pgloop_destroy(w->lanes[i].pg); // puts back what was in flight
        while (w->lanes[i].first)
            item_free(w, pop(&w->lanes[i]));
    }
    c->writer = NULL;
    uv_close((uv_handle_t *)&w->sweep, closed);
}

void writer_post(struct session *s, const struct writer_command *command) {
    struct core *c = s->relay->core;
    struct writer *w = c->writer;
    struct item *i = item_new(s, command);
    w->bytes += i->bytes;
    if (w->bytes > WRITER_BYTES || c->stopping) {
        item_unavailable(w, i);
        return;
    }
    i->number = s->core->posted = ++w->numbers;
    push(&w->lanes[((uint64_t)command->conversation * 0x9E3779B97F4A7C15u) >> 63], i);
    core_changed(c);
}

static bool lane_settled(const struct lane *l, uint64_t number) {
    const struct item *oldest = l->count > 0 ? l->batch[0] : l->first;
    return !oldest || oldest->number > number;
}

bool writer_settled(const struct core *c, uint64_t number) {
    for (int i = 0; c->writer && i < WRITER_LANES; i++) {
        if (!lane_settled(&c->writer->lanes[i], number)) return false;
    }
    return true;
}

bool writer_idle(const struct core *c) {
    for (int i = 0; c->writer && i < WRITER_LANES; i++) {
        if (c->writer->lanes[i].count > 0 || c->writer->lanes[i].first) return false;
    }
    return true;
}

bool writer_refused(const struct core *c) {
    for (int i = 0; c->writer && i < WRITER_LANES; i++) {
        if (pgloop_refused(c->writer->lanes[i].pg)) return true;
    }
    return false;
}
