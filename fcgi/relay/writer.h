// SPDX-License-Identifier: Apache-2.0
// Writer: commands that change messages, on their way into the database, in batches.
//
// Invariants:
//   * A conversation belongs to one of the lanes; a lane has one batch in flight; nothing later of a conversation goes out
//     before the earlier is settled.
//   * All that waits when a batch comes back goes into the next, WRITER_BATCH at most. One that raises was rolled back, and is
//     repeated one item at a time.
//   * An item whose fate is not known (its connection was lost) is never answered `failed`: it is repeated until it is known.
//     One that was never handed over, or rolled back, is answered `unavailable` after WRITER_PATIENCE_MS.
//   * What waits is bounded by WRITER_BYTES; beyond, an item is answered `unavailable` at once.
#ifndef PARLEY_RELAY_WRITER_H
#define PARLEY_RELAY_WRITER_H

#include "relay/inside.h"

#define WRITER_LANES 2
#define WRITER_BATCH 100
#define WRITER_PATIENCE_MS 10000
#define WRITER_BYTES (64 * 1024 * 1024)

// One command. Texts are borrowed; NULL and 0 are what is not given.
struct writer_command {
    const char *kind; // a static text, as api.live_post knows it
    int64_t conversation;
    const char *ref;
    const char *body; // or the emoji
    int64_t seq, base;
    int64_t reply_to, thread;
    const char *mentions; // "{1,2}"
};

void writer_start(struct core *c);
// Whatever is left is given up without an answer.
void writer_stop(struct core *c);
// The answer, `sent` or `failed`, goes to the session if it still lives then.
void writer_post(struct session *s, const struct writer_command *command);
// Nothing up to this command (core_session.posted) is open any more.
bool writer_settled(const struct core *c, uint64_t number);
// Hands over what waits; once a turn.
void writer_turn(struct core *c);
// Nothing waits and nothing is in flight.
bool writer_idle(const struct core *c);
bool writer_refused(const struct core *c);

#endif
