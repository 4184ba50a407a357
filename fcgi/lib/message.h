// SPDX-License-Identifier: Apache-2.0
// What a message and a change of one may hold, read from JSON: one set of rules for the relay's commands and for
// POST /api/messages (protocol.md sections 1 and 3.1). What passes here never makes parley._post raise.
// Every reader reports to in->why like those of lib/json.h. Pure.
#ifndef PARLEY_LIB_MESSAGE_H
#define PARLEY_LIB_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/config.h"
#include "lib/json.h"

#define SEQ_MAX INT64_C(9007199254740991) // the highest whole number that every JSON reader keeps exact
#define MESSAGE_MENTIONS_MAX 100
#define MESSAGE_EMOJI_BYTES 32

// A new message. Texts live as long as the JSON, mentions in the arena.
typedef struct message_new {
    const char *ref; // UUID
    int64_t conversation;
    const char *body;
    int64_t reply_to, thread; // 0 = none
    int64_t *mentions;
    size_t mentions_count;
} message_new;

// All members of `send`. Attachments are refused unless absent or empty: this version has none.
message_new message_read(json_reader *in, const config *cfg, arena *a);
// The text: `body`, 1 to message_max_chars code points, not only white space.
const char *message_body(json_reader *in, const config *cfg);
// `emoji`: one short word without white space or control characters.
const char *message_emoji(json_reader *in);
// `mentions`: up to MESSAGE_MENTIONS_MAX ids; returns how many.
size_t message_mentions(json_reader *in, arena *a, int64_t **out);
// Ids as parley._post takes the mentions of one item: "{1,2}"; NULL for none.
const char *message_mentions_text(arena *a, const int64_t *ids, size_t count);
// A seq or mod that must be there, 1 and up; 0 when it is wrong.
int64_t message_need_seq(json_reader *in, const char *name);
// One that may be missing: then 0.
int64_t message_want_seq(json_reader *in, const char *name);

#endif
