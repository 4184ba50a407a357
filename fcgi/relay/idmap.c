// SPDX-License-Identifier: Apache-2.0
// Map of ids; see idmap.h. Linear probing; a removal moves later entries of its run back.
#include "relay/idmap.h"

#include "lib/mem.h"

#define SMALLEST 16

// Fibonacci hashing: ids are sortable by time, so their low bits alone would cluster.
static size_t home_of(const struct idmap *m, int64_t id) {
    uint64_t h = (uint64_t)id * 0x9E3779B97F4A7C15u;
    return (size_t)(h >> 32) & (m->size - 1);
}

static size_t find(const struct idmap *m, int64_t id) {
    size_t at = home_of(m, id);
    while (m->slots[at].id != 0 && m->slots[at].id != id)
        at = (at + 1) & (m->size - 1);
    return at;
}

static void resize(struct idmap *m, size_t size) {
    struct idmap bigger = {.slots = mem_array(size, sizeof *m->slots), .size = size, .count = m->count};
    for (size_t i = 0; i < m->size; i++) {
        if (m->slots[i].id != 0) bigger.slots[find(&bigger, m->slots[i].id)] = m->slots[i];
    }
    mem_free(m->slots);
    *m = bigger;
}

void idmap_clear(struct idmap *m) {
    mem_free(m->slots);
    *m = (struct idmap){0};
}

void *idmap_get(const struct idmap *m, int64_t id) {
    return m->count > 0 && id != 0 ? m->slots[find(m, id)].value : NULL;
}

void idmap_put(struct idmap *m, int64_t id, void *value) {
    if ((m->count + 1) * 4 > m->size * 3) resize(m, m->size ? m->size * 2 : SMALLEST);
    size_t at = find(m, id);
    if (m->slots[at].id == 0) m->count++;
    m->slots[at] = (struct idmap_slot){.id = id, .value = value};
}

// Closes the gap at `gap`: an entry moves into it unless its home lies between gap and entry.
static void close_gap(struct idmap *m, size_t gap) {
    size_t mask = m->size - 1;
    for (size_t at = (gap + 1) & mask; m->slots[at].id != 0; at = (at + 1) & mask) {
        size_t home = home_of(m, m->slots[at].id);
        if (((at - home) & mask) >= ((at - gap) & mask)) {
            m->slots[gap] = m->slots[at];
            gap = at;
        }
    }
    m->slots[gap] = (struct idmap_slot){0};
}

void *idmap_remove(struct idmap *m, int64_t id) {
    if (m->count == 0 || id == 0) return NULL;
    size_t at = find(m, id);
    void *value = m->slots[at].value;
    if (m->slots[at].id == 0) return NULL;
    close_gap(m, at);
    m->count--;
    if (m->count == 0) {
        idmap_clear(m);
    } else if (m->size > SMALLEST && m->count * 8 < m->size) {
        resize(m, m->size / 2);
    }
    return value;
}

void *idmap_next(const struct idmap *m, size_t *at, int64_t *id) {
    while (*at < m->size) {
        const struct idmap_slot *slot = &m->slots[(*at)++];
        if (slot->id != 0) {
            if (id) *id = slot->id;
            return slot->value;
        }
    }
    return NULL;
}
