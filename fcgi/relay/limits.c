// SPDX-License-Identifier: Apache-2.0
// Message rates by account; see limits.h.
#include "relay/limits.h"

#include "lib/clock.h"
#include "lib/mem.h"
#include "relay/idmap.h"

#define SWEEP_MS 10000
#define SWEEP_MOST 1000

struct limits {
    const rate *rate;
    struct idmap buckets; // by account
    uv_timer_t sweep;
};

// Forgets those that would be full by now: up to SWEEP_MOST at a time.
static void sweep(uv_timer_t *timer) {
    struct limits *l = timer->data;
    int64_t now = clock_ms();
    int64_t id;
    int64_t full[SWEEP_MOST];
    size_t n = 0;
    bucket *b;
    for (size_t at = 0; n < SWEEP_MOST && (b = idmap_next(&l->buckets, &at, &id));) {
        if (now - b->at_ms >= (int64_t)l->rate->seconds * 1000) full[n++] = id;
    }
    for (size_t i = 0; i < n; i++)
        mem_free(idmap_remove(&l->buckets, full[i]));
}

void limits_start(struct core *c) {
    struct limits *l = mem_alloc(sizeof *l);
    l->rate = &c->relay->cfg->message_rate_limit;
    c->limits = l;
    uv_timer_init(c->relay->loop, &l->sweep);
    l->sweep.data = l;
    uv_timer_start(&l->sweep, sweep, SWEEP_MS, SWEEP_MS);
}

static void closed(uv_handle_t *handle) {
    mem_free(handle->data);
}

void limits_stop(struct core *c) {
    struct limits *l = c->limits;
    if (!l) return;
    bucket *b;
    for (size_t at = 0; (b = idmap_next(&l->buckets, &at, NULL));)
        mem_free(b);
    idmap_clear(&l->buckets);
    c->limits = NULL;
    uv_close((uv_handle_t *)&l->sweep, closed);
}

bool limits_message(struct core *c, int64_t account, int64_t *retry_ms) {
    struct limits *l = c->limits;
    if (l->rate->count == 0) return true;
    bucket *b = idmap_get(&l->buckets, account);
    if (!b) {
        b = mem_alloc(sizeof *b);
        idmap_put(&l->buckets, account, b);
    }
    return bucket_take(b, l->rate, 0, clock_ms(), retry_ms);
}
