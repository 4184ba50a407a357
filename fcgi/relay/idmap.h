// SPDX-License-Identifier: Apache-2.0
// Map from a positive 64-bit id to a pointer, for accounts, conversations and sessions. Open addressing, no tombstones.
// Invariants: ids are not 0, values are not NULL; nothing may be put or removed while idmap_next walks.
#ifndef PARLEY_RELAY_IDMAP_H
#define PARLEY_RELAY_IDMAP_H

#include <stddef.h>
#include <stdint.h>

struct idmap_slot {
    int64_t id; // 0 = empty
    void *value;
};

// All zero is an empty map.
struct idmap {
    struct idmap_slot *slots;
    size_t size; // a power of two, or 0
    size_t count;
};

// Frees the table, not the values.
void idmap_clear(struct idmap *m);
void *idmap_get(const struct idmap *m, int64_t id);
// Puts or replaces.
void idmap_put(struct idmap *m, int64_t id, void *value);
// Returns what was there, or NULL.
void *idmap_remove(struct idmap *m, int64_t id);
// Walks: begin with *at = 0; NULL at the end. id may be NULL.
void *idmap_next(const struct idmap *m, size_t *at, int64_t *id);

#endif
