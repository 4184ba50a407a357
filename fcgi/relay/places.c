// SPDX-License-Identifier: Apache-2.0
// Lists of places; see places.h.
#include "relay/places.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

// The index of a conversation, or where it would go.
static size_t index_of(const struct place_list *l, int64_t conversation) {
    size_t low = 0;
    size_t high = l->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (l->items[middle].conversation < conversation) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void insert(struct place_list *l, size_t at, int64_t conversation, int64_t mod) {
    if (l->count == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 16;
        l->items = mem_resize(l->items, l->cap * sizeof *l->items);
    }
    memmove(l->items + at + 1, l->items + at, (l->count - at) * sizeof *l->items);
    l->items[at] = (struct hub_place){.conversation = conversation, .mod = mod};
    l->count++;
}

void places_add(struct place_list *l, int64_t conversation, int64_t mod) {
    insert(l, l->count, conversation, mod);
}

static int compare(const void *one, const void *other) {
    const struct hub_place *a = one;
    const struct hub_place *b = other;
    if (a->conversation != b->conversation) return a->conversation < b->conversation ? -1 : 1;
    return (a->mod > b->mod) - (a->mod < b->mod);
}

void places_sort(struct place_list *l) {
    if (l->count < 2) return;
    qsort(l->items, l->count, sizeof *l->items, compare);
    size_t kept = 1;
    for (size_t i = 1; i < l->count; i++) {
        if (l->items[i].conversation != l->items[kept - 1].conversation) l->items[kept++] = l->items[i];
    }
    l->count = kept;
}

struct hub_place *places_find(const struct place_list *l, int64_t conversation) {
    size_t at = index_of(l, conversation);
    return at < l->count && l->items[at].conversation == conversation ? &l->items[at] : NULL;
}

void places_put(struct place_list *l, int64_t conversation, int64_t mod) {
    size_t at = index_of(l, conversation);
    if (at < l->count && l->items[at].conversation == conversation) {
        l->items[at].mod = mod;
    } else {
        insert(l, at, conversation, mod);
    }
}

void places_remove(struct place_list *l, int64_t conversation) {
    struct hub_place *p = places_find(l, conversation);
    if (!p) return;
    l->count--;
    memmove(p, p + 1, (l->count - (size_t)(p - l->items)) * sizeof *p);
}

void places_shift(struct place_list *l, size_t n) {
    if (n == 0) return;
    l->count -= n;
    memmove(l->items, l->items + n, l->count * sizeof *l->items);
}

void places_clear(struct place_list *l) {
    mem_free(l->items);
    *l = (struct place_list){0};
}
