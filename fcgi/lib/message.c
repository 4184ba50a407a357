// SPDX-License-Identifier: Apache-2.0
// The rules of messages. See message.h.
#include "lib/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define ID_TEXT 20 // digits of the highest id, and what stands before them

message_new message_read(json_reader *in, const config *cfg, arena *a) {
    message_new m = {
        .ref = json_need_uuid(in, "ref"),
        .conversation = json_need_id(in, "conversation"),
        .body = message_body(in, cfg),
        .reply_to = message_want_seq(in, "reply_to"),
        .thread = message_want_seq(in, "thread"),
    };
    m.mentions_count = message_mentions(in, a, &m.mentions);
    json_want_array(in, "attachments", 0);
    return m;
}

const char *message_body(json_reader *in, const config *cfg) {
    return json_need_text(in, "body",
                          (text_rule){.min = 1, .max = cfg->message_max_chars, .flags = TEXT_NOT_BLANK});
}

const char *message_emoji(json_reader *in) {
    const char *emoji = json_need_text(
        in, "emoji", (text_rule){.min = 1, .max = MESSAGE_EMOJI_BYTES, .flags = TEXT_NAME | TEXT_BYTES});
    if (emoji != NULL && strchr(emoji, ' ') != NULL) {
        json_wrong(in, "emoji", "one emoji");
        return NULL;
    }
    return emoji;
}

size_t message_mentions(json_reader *in, arena *a, int64_t **out) {
    return json_want_ids(in, "mentions", MESSAGE_MENTIONS_MAX, a, out);
}

const char *message_mentions_text(arena *a, const int64_t *ids, size_t count) {
    if (count == 0) return NULL;
    size_t size = count * ID_TEXT + sizeof "}";
    char *text = arena_alloc(a, size);
    size_t at = 0;
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, size - at, "%c%" PRId64, i == 0 ? '{' : ',', ids[i]);
    memcpy(text + at, "}", 2);
    return text;
}

int64_t message_need_seq(json_reader *in, const char *name) {
    return json_need_int(in, name, 1, SEQ_MAX);
}

int64_t message_want_seq(json_reader *in, const char *name) {
    return json_want_int(in, name, 1, SEQ_MAX, 0);
}
