// SPDX-License-Identifier: Apache-2.0
// Sessions; see session.h. Here are the list of all, the list by account, the queue, and the one way to end.
#include "relay/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/mem.h"
#include "relay/core.h"
#include "relay/idmap.h"
#include "relay/presence.h"
#include "relay/spread.h"
#include "relay/transport.h"

#define BEHIND "{\"type\":\"behind\"}"
#define HELLO_MS 10000 // to say a good hello
#define SWEEP_MS 1000
#define REVOKED_MAX 1024 // remembered

struct live_account {
    int64_t id;
    struct session *oldest, *newest; // by fellows
    int count;
};

struct sessions {
    struct relay *relay;
    struct session *first, *last; // by all, oldest first
    size_t count;
    uint64_t numbers;
    struct session *dirty, *dirty_last; // by next_dirty
    struct idmap accounts;              // of struct live_account
    int64_t revoked[REVOKED_MAX];       // the newest lies at (revocations - 1) % REVOKED_MAX
    uint64_t revocations;
    uv_prepare_t turn;
    uv_timer_t sweep;
    int handles; // not closed yet
};

static size_t log_prefix(const log_object *self, char *out, size_t cap) {
    const struct session *s = (const struct session *)((const char *)self - offsetof(struct session, log));
    int n = snprintf(out, cap, "%s=%llu account=%lld", s->transport->name, (unsigned long long)s->number,
                     (long long)s->account_id);
    return n < 0 ? 0 : (size_t)n < cap ? (size_t)n : cap;
}

// --- the queue ----------------------------------------------------------------------------------------------------

static struct session_slot *slot_at(struct session_queue *q, uint32_t i) {
    return &q->slots[(q->first + i) & (q->size - 1)];
}

static void queue_reset(struct session_queue *q) {
    if (q->slots != q->own) mem_free(q->slots);
    q->slots = q->own;
    q->size = SESSION_SLOTS;
    q->first = q->count = 0;
    q->bytes = 0;
}

static void queue_clear(struct session_queue *q) {
    for (uint32_t i = 0; i < q->count; i++)
        event_unref(slot_at(q, i)->event);
    queue_reset(q);
}

static void queue_grow(struct session_queue *q) {
    struct session_slot *slots = mem_array(q->size * 2, sizeof *slots);
    for (uint32_t i = 0; i < q->count; i++)
        slots[i] = *slot_at(q, i);
    if (q->slots != q->own) mem_free(q->slots);
    q->slots = slots;
    q->size *= 2;
    q->first = 0;
}

static void queue_push(struct session_queue *q, struct event *e, enum event_kind kind) {
    if (q->count == q->size) queue_grow(q);
    *slot_at(q, q->count++) = (struct session_slot){.event = event_ref(e), .kind = kind};
    q->bytes += e->len + 1u;
}

static void queue_drop_light(struct session_queue *q) {
    uint32_t kept = 0;
    for (uint32_t i = 0; i < q->count; i++) {
        struct session_slot slot = *slot_at(q, i);
        if (slot.kind == EVENT_LIGHT) {
            q->bytes -= slot.event->len + 1u;
            event_unref(slot.event);
        } else {
            *slot_at(q, kept++) = slot;
        }
    }
    q->count = kept;
}

// --- list of what is to be flushed --------------------------------------------------------------------------------

void session_wake(struct session *s) {
    struct sessions *all = s->relay->sessions;
    if (s->dirty) return;
    s->dirty = true;
    session_ref(s);
    s->next_dirty = NULL;
    if (all->dirty_last) {
        all->dirty_last->next_dirty = s;
    } else {
        all->dirty = s;
    }
    all->dirty_last = s;
}

static struct session *pop_dirty(struct sessions *all) {
    struct session *s = all->dirty;
    if (!s) return NULL;
    all->dirty = s->next_dirty;
    if (!all->dirty) all->dirty_last = NULL;
    s->dirty = false;
    return s;
}

static void unlist(struct sessions *all, struct session *s) {
    *(s->all.prev ? &s->all.prev->all.next : &all->first) = s->all.next;
    *(s->all.next ? &s->all.next->all.prev : &all->last) = s->all.prev;
    all->count--;
}

// The end of an ended session's last turn.
static void bury(struct session *s) {
    presence_closed(s);
    core_closed(s);
    if (s->end) s->transport->end(s);
    unlist(s->relay->sessions, s);
    session_unref(s);
}

static void flush_one(struct session *s) {
    if (session_ended(s)) {
        bury(s);
        return;
    }
    if (s->queue.count > 0) s->transport->flush(s);
    if (s->draining && !session_ended(s) && session_empty(s)) {
        s->draining = false;
        core_drained(s);
    }
}

void sessions_flush(struct relay *r) {
    for (struct session *s; (s = pop_dirty(r->sessions));) {
        flush_one(s);
        session_unref(s);
    }
}

static void on_turn(uv_prepare_t *handle) {
    sessions_flush(handle->data);
}

// --- sending ------------------------------------------------------------------------------------------------------

static bool admits(const struct session *s, enum event_kind kind) {
    switch (s->state) {
    case SESSION_ENDED:
        return false;
    case SESSION_BEHIND:
    case SESSION_RESET:
        return kind == EVENT_ANSWER;
    default:
        return true;
    }
}

static void fall_behind(struct session *s) {
    log_info(&s->log, "behind: %zu bytes were waiting", s->queue.bytes);
    queue_clear(&s->queue);
    s->missed_presence = true;
    s->state = SESSION_BEHIND;
    s->draining = false;
    struct event *e = event_new(BEHIND, sizeof BEHIND - 1);
    queue_push(&s->queue, e, EVENT_ANSWER);
    event_unref(e);
}

static bool fits(const struct session *s, size_t len) {
    return s->queue.bytes + len < (size_t)s->relay->cfg->queue_bytes;
}

// Makes room for len bytes; false when the event is not to be queued any more. A peer that reads has its queue
// emptied by one write; of one that does not, what is light goes first, then everything.
static bool make_room(struct session *s, size_t len, enum event_kind kind) {
    if (fits(s, len)) return true;
    if (s->queue.count > 0) s->transport->flush(s);
    if (fits(s, len)) return true;
    queue_drop_light(&s->queue);
    s->missed_presence = true;
    if (fits(s, len) || s->queue.count == 0) return true;
    if (kind != EVENT_LIGHT) fall_behind(s);
    return false;
}

bool session_send(struct session *s, struct event *e, enum event_kind kind) {
    if (!admits(s, kind)) return false;
    bool room = make_room(s, e->len, kind);
    if (room) queue_push(&s->queue, e, kind);
    session_wake(s);
    return room;
}

void session_printf(struct session *s, enum event_kind kind, const char *format, ...) {
    char *text = NULL;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    if (n < 0) return;
    struct event *e = event_new(text, (size_t)n);
    free(text);
    session_send(s, e, kind);
    event_unref(e);
}

void session_become(struct session *s, enum session_state state) {
    if (!session_ended(s)) s->state = state;
}

bool session_empty(const struct session *s) {
    return s->queue.count == 0 && s->transport->idle(s);
}

void session_want_drained(struct session *s) {
    if (session_ended(s)) return;
    s->draining = true;
    session_wake(s);
}

size_t session_take(struct session *s, buf *out, struct event **lone) {
    struct session_queue *q = &s->queue;
    size_t count = q->count;
    *lone = NULL;
    if (count == 1) {
        *lone = slot_at(q, 0)->event;
        queue_reset(q);
        return 1;
    }
    for (uint32_t i = 0; i < count; i++) {
        struct event *e = slot_at(q, i)->event;
        buf_add_char(out, i == 0 ? '[' : ',');
        buf_add(out, event_text(e), e->len);
        event_unref(e);
    }
    if (count > 0) buf_add_char(out, ']');
    queue_reset(q);
    return count;
}

// --- life ---------------------------------------------------------------------------------------------------------

struct session *session_open(struct relay *r, const struct transport *t, void *pipe, const char *address) {
    struct sessions *all = r->sessions;
    struct session *s = mem_alloc(sizeof *s);
    s->log.prefix = log_prefix;
    s->relay = r;
    s->transport = t;
    s->pipe = pipe;
    s->refs = 1;
    s->number = ++all->numbers;
    s->opened_ms = clock_ms();
    snprintf(s->address, sizeof s->address, "%s", address);
    queue_reset(&s->queue);
    s->all.prev = all->last;
    *(all->last ? &all->last->all.next : &all->first) = s;
    all->last = s;
    all->count++;
    core_opened(s);
    return s;
}

struct session *session_ref(struct session *s) {
    s->refs++;
    return s;
}

void session_unref(struct session *s) {
    if (--s->refs > 0) return;
    queue_clear(&s->queue);
    mem_free(s->end);
    mem_free(s);
}

static void leave_account(struct session *s) {
    struct live_account *a = s->account;
    if (!a) return;
    *(s->fellows.prev ? &s->fellows.prev->fellows.next : &a->oldest) = s->fellows.next;
    *(s->fellows.next ? &s->fellows.next->fellows.prev : &a->newest) = s->fellows.prev;
    s->account = NULL;
    s->fellows = (struct session_links){0};
    if (--a->count == 0) {
        idmap_remove(&s->relay->sessions->accounts, a->id);
        mem_free(a);
    }
}

static void enter_account(struct session *s) {
    struct idmap *accounts = &s->relay->sessions->accounts;
    struct live_account *a = idmap_get(accounts, s->account_id);
    if (!a) {
        a = mem_alloc(sizeof *a);
        a->id = s->account_id;
        idmap_put(accounts, a->id, a);
    }
    s->account = a;
    s->fellows.prev = a->newest;
    *(a->newest ? &a->newest->fellows.next : &a->oldest) = s;
    a->newest = s;
    a->count++;
}

void session_identified(struct session *s, int64_t account_id, int64_t login_id) {
    if (session_ended(s)) return;
    s->login_id = login_id;
    if (s->account) return;
    s->account_id = account_id;
    enter_account(s);
    log_info(&s->log, "session of login %lld from %s", (long long)login_id, s->address);
    while (s->account && s->account->count > s->relay->cfg->live_sessions_max) {
        session_end(s->account->oldest, ERROR_TOO_MANY_CONNECTIONS, 0);
    }
    presence_opened(s);
}

// --- the end ------------------------------------------------------------------------------------------------------

// Reasons as `bye` names them; the others end without one.
static const char *bye_reason(enum error code) {
    switch (code) {
    case ERROR_RESTART:
        return "restart";
    case ERROR_UNAVAILABLE:
        return "unavailable";
    case ERROR_REVOKED:
        return "revoked";
    case ERROR_TOO_MANY_CONNECTIONS:
        return "too_many";
    default:
        return NULL;
    }
}

static void queue_bye(struct session *s, enum error code, int reconnect_ms) {
    const char *reason = bye_reason(code);
    if (!reason) return;
    struct event *e =
        reconnect_ms > 0
            ? event_printf("{\"type\":\"bye\",\"reason\":\"%s\",\"reconnect_ms\":%d}", reason, reconnect_ms)
            : event_printf("{\"type\":\"bye\",\"reason\":\"%s\"}", reason);
    queue_push(&s->queue, e, EVENT_ANSWER);
    event_unref(e);
}

static void mark_ended(struct session *s) {
    s->state = SESSION_ENDED;
    leave_account(s);
    session_wake(s);
}

static void end_with(struct session *s, const problem *why, int reconnect_ms) {
    if (session_ended(s)) return;
    const char *name = error_info(why->code)->name;
    log_info(&s->log, "ended: %s%s%s", name, why->detail[0] ? ": " : "", why->detail);
    s->end = mem_alloc(sizeof *s->end);
    *s->end = *why;
    queue_bye(s, why->code, reconnect_ms);
    mark_ended(s);
}

void session_end(struct session *s, enum error code, int reconnect_ms) {
    problem why = {0};
    problem_set(&why, code, NULL);
    end_with(s, &why, reconnect_ms);
}

void session_fail(struct session *s, const problem *why) {
    end_with(s, why, 0);
}

void session_lost(struct session *s) {
    if (session_ended(s)) return;
    log_info(&s->log, "gone");
    queue_clear(&s->queue);
    mark_ended(s);
}

// --- all of them --------------------------------------------------------------------------------------------------

struct session *session_next(struct relay *r, const struct session *after) {
    struct session *s = after ? after->all.next : r->sessions->first;
    while (s && session_ended(s))
        s = s->all.next;
    return s;
}

size_t session_count(const struct relay *r) {
    return r->sessions->count;
}

struct session *session_of_account(const struct relay *r, int64_t account_id) {
    struct live_account *a = idmap_get(&r->sessions->accounts, account_id);
    return a ? a->oldest : NULL;
}

void session_revoke(struct relay *r, int64_t login_id) {
    struct sessions *all = r->sessions;
    all->revoked[all->revocations++ % REVOKED_MAX] = login_id;
    for (struct session *s = session_next(r, NULL); s; s = session_next(r, s)) {
        if (s->login_id == login_id) session_end(s, ERROR_REVOKED, 0);
    }
}

uint64_t session_revocations(const struct relay *r) {
    return r->sessions->revocations;
}

bool session_revoked_since(const struct relay *r, uint64_t since, int64_t login_id) {
    const struct sessions *all = r->sessions;
    if (all->revocations - since > REVOKED_MAX) return true;
    for (; since < all->revocations; since++) {
        if (all->revoked[since % REVOKED_MAX] == login_id) return true;
    }
    return false;
}

void sessions_end_all(struct relay *r, enum error code, int reconnect_min_ms, int reconnect_max_ms) {
    for (struct session *s = session_next(r, NULL); s; s = session_next(r, s)) {
        session_end(s, code, spread_between(reconnect_min_ms, reconnect_max_ms));
    }
}

// Those without a hello after 10 s. The list is in order of opening, but the old ones have said theirs.
static void on_sweep(uv_timer_t *timer) {
    struct relay *r = timer->data;
    int64_t now = clock_ms();
    for (struct session *s = r->sessions->last; s; s = s->all.prev) {
        if (now - s->opened_ms > HELLO_MS + 2 * SWEEP_MS) break;
        if (!session_ended(s) && s->account_id == 0 && now - s->opened_ms >= HELLO_MS) {
            session_end(s, ERROR_UNAUTHENTICATED, 0);
        }
    }
}

void sessions_start(struct relay *r) {
    struct sessions *all = mem_alloc(sizeof *all);
    all->relay = r;
    r->sessions = all;
    uv_prepare_init(r->loop, &all->turn);
    all->turn.data = r;
    uv_prepare_start(&all->turn, on_turn);
    uv_timer_init(r->loop, &all->sweep);
    all->sweep.data = r;
    uv_timer_start(&all->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    all->handles = 2;
}

static void on_closed(uv_handle_t *handle) {
    struct relay *r = handle->data;
    struct sessions *all = r->sessions;
    if (--all->handles > 0) return;
    idmap_clear(&all->accounts);
    mem_free(all);
    r->sessions = NULL;
}

void sessions_stop(struct relay *r) {
    sessions_end_all(r, ERROR_RESTART, 0, 0);
    sessions_flush(r);
    uv_close((uv_handle_t *)&r->sessions->turn, on_closed);
    uv_close((uv_handle_t *)&r->sessions->sweep, on_closed);
}
