// SPDX-License-Identifier: Apache-2.0
// Notice: the lines by which transactions tell the relays what changed, as sql/common/_tell.sql defines them. Pure parser.
// Refused (skipped, and counted by the caller): a line of a kind it does not know, with a field missing, malformed or left over.
#ifndef PARLEY_RELAY_NOTICE_H
#define PARLEY_RELAY_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/uuid.h"

enum notice_kind {
    NOTICE_MESSAGE = 'm',      // conversation mod sender ref text
    NOTICE_CONVERSATION = 'c', // conversation mod
    NOTICE_ACCOUNT = 'a',      // account mod
    NOTICE_RECEIPT = 'r',      // conversation account read received small
    NOTICE_TYPING = 't',       // conversation account on
    NOTICE_PRESENCE = 'p',     // account
    NOTICE_SESSION = 's',      // session
    NOTICE_EPOCH = 'e',
    NOTICE_BEAT = 'b', // beat: a listener's own heartbeat (sql/live/beat.sql)
    NOTICE_BAD = 0,
};

struct notice {
    enum notice_kind kind;
    int64_t conversation, account, session; // 0 where the kind has none
    int64_t mod;                            // of the conversation or the account
    int64_t sender;
    char ref[UUID_TEXT]; // "" = none
    const char *text;    // the event, within the payload; not NUL-terminated
    size_t len;
    int64_t read, received; // 0 = not moved
    bool small, on;
    const char *beat; // within the payload
    size_t beat_len;
};

// Takes the first line of [*at, end) and moves *at behind it. False when there is none left. A line that is refused gives
// NOTICE_BAD.
bool notice_next(const char **at, const char *end, struct notice *out);

#endif
