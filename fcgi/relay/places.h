// SPDX-License-Identifier: Apache-2.0
// A growing list of places (conversation, mod). Ascending by conversation as long as only places_put and places_remove are used;
// places_add appends, places_sort brings order.
#ifndef PARLEY_RELAY_PLACES_H
#define PARLEY_RELAY_PLACES_H

#include <stddef.h>
#include <stdint.h>

#include "relay/hub.h"

// All zero is an empty list.
struct place_list {
    struct hub_place *items;
    size_t count, cap;
};

void places_add(struct place_list *l, int64_t conversation, int64_t mod);
// Ascending, each conversation once, with the lowest of its mods.
void places_sort(struct place_list *l);
// NULL when it is not there.
struct hub_place *places_find(const struct place_list *l, int64_t conversation);
// Inserts or replaces.
void places_put(struct place_list *l, int64_t conversation, int64_t mod);
void places_remove(struct place_list *l, int64_t conversation);
// Takes the first n out.
void places_shift(struct place_list *l, size_t n);
void places_clear(struct place_list *l);

#endif
