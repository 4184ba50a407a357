// SPDX-License-Identifier: Apache-2.0
// The parser of notification lines; see notice.h.
#include "relay/notice.h"

#include <string.h>

#include "lib/json.h"

// What is left of one line.
struct line {
    const char *at, *end;
    bool good;
};

// The next field; fields are parted by one space.
static const char *field(struct line *l, size_t *len) {
    const char *start = l->at;
    if (!l->good || start > l->end) {
        l->good = false;
        *len = 0;
        return l->end;
    }
    const char *space = memchr(start, ' ', (size_t)(l->end - start));
    const char *stop = space ? space : l->end;
    *len = (size_t)(stop - start);
    l->at = stop + 1;
    if (*len == 0) l->good = false;
    return start;
}

static int64_t number(struct line *l) {
    size_t len;
    const char *text = field(l, &len);
    int64_t n = number_parse(text, len, INT64_MAX);
    if (n < 0) l->good = false;
    return n;
}

static int64_t id(struct line *l) {
    int64_t n = number(l);
    if (n == 0) l->good = false;
    return n;
}

static bool flag(struct line *l) {
    int64_t n = number(l);
    if (n > 1) l->good = false;
    return n == 1;
}

static void read_message(struct line *l, struct notice *out) {
    size_t len;
    out->conversation = id(l);
    out->mod = id(l);
    out->sender = id(l);
    const char *ref = field(l, &len);
    if (len == UUID_TEXT - 1 && uuid_valid(ref, len)) {
        memcpy(out->ref, ref, len);
    } else if (len != 1 || *ref != '-') {
        l->good = false;
    }
    // The event is the rest, spaces included: an object.
    out->text = l->at;
    out->len = l->good && l->at < l->end ? (size_t)(l->end - l->at) : 0;
    if (out->len < 2 || out->text[0] != '{' || out->text[out->len - 1] != '}') l->good = false;
    l->at = l->end + 1;
}

static void read_receipt(struct line *l, struct notice *out) {
    out->conversation = id(l);
    out->account = id(l);
    out->read = number(l);
    out->received = number(l);
    out->small = flag(l);
}

static void read_fields(struct line *l, struct notice *out) {
    switch (out->kind) {
    case NOTICE_MESSAGE:
        read_message(l, out);
        break;
    case NOTICE_CONVERSATION:
        out->conversation = id(l);
        out->mod = id(l);
        break;
    case NOTICE_ACCOUNT:
        out->account = id(l);
        out->mod = id(l);
        break;
    case NOTICE_RECEIPT:
        read_receipt(l, out);
        break;
    case NOTICE_TYPING:
        out->conversation = id(l);
        out->account = id(l);
        out->on = flag(l);
        break;
    case NOTICE_PRESENCE:
        out->account = id(l);
        break;
    case NOTICE_SESSION:
        out->session = id(l);
        break;
    case NOTICE_BEAT:
        out->beat = field(l, &out->beat_len);
        break;
    case NOTICE_EPOCH:
        break;
    case NOTICE_BAD:
    default:
        l->good = false;
    }
}

bool notice_next(const char **at, const char *end, struct notice *out) {
    if (*at >= end) return false;
    const char *newline = memchr(*at, '\n', (size_t)(end - *at));
    struct line l = {.at = *at, .end = newline ? newline : end, .good = true};
    *at = newline ? newline + 1 : end;
    *out = (struct notice){0};
    size_t len;
    const char *kind = field(&l, &len);
    if (len == 1) out->kind = (enum notice_kind)(unsigned char)*kind;
    read_fields(&l, out);
    // Nothing may be left over: all that was there has been taken, the end of the line included.
    if (!l.good || l.at != l.end + 1) *out = (struct notice){.kind = NOTICE_BAD};
    return true;
}
