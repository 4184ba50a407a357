// SPDX-License-Identifier: Apache-2.0
// Notification lines: one that is taken says the same when it is written again.
#include <inttypes.h>
#include <stdio.h>

#include "../fuzz.h"
#include "lib/buf.h"
#include "relay/notice.h"

static void add(buf *out, int64_t number) {
    buf_printf(out, " %" PRId64, number);
}

static void write_fields(buf *out, const struct notice *n) {
    switch (n->kind) {
    case NOTICE_MESSAGE:
        add(out, n->conversation);
        add(out, n->mod);
        add(out, n->sender);
        buf_printf(out, " %s %.*s", n->ref[0] ? n->ref : "-", (int)n->len, n->text);
        break;
    case NOTICE_CONVERSATION:
        add(out, n->conversation);
        add(out, n->mod);
        break;
    case NOTICE_ACCOUNT:
        add(out, n->account);
        add(out, n->mod);
        break;
    case NOTICE_RECEIPT:
        add(out, n->conversation);
        add(out, n->account);
        add(out, n->read);
        add(out, n->received);
        add(out, n->small);
        break;
    case NOTICE_TYPING:
        add(out, n->conversation);
        add(out, n->account);
        add(out, n->on);
        break;
    case NOTICE_PRESENCE:
        add(out, n->account);
        break;
    case NOTICE_SESSION:
        add(out, n->session);
        break;
    case NOTICE_BEAT:
        buf_printf(out, " %.*s", (int)n->beat_len, n->beat);
        break;
    default:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = fuzz_text(data, size);
    const char *at = text, *end = text + strlen(text), *line = at;
    struct notice n;
    for (; notice_next(&at, end, &n); line = at) {
        assert(at > line && at <= end);
        if (n.kind == NOTICE_BAD) continue;
        buf out;
        buf_init(&out, BUF_NO_LIMIT);
        buf_add_char(&out, (char)n.kind);
        write_fields(&out, &n);
        assert(memcmp(line, out.data, out.len) == 0 && (line[out.len] == '\n' || line + out.len == end));
        buf_free(&out);
    }
    assert(at == end);
    free(text);
    return 0;
}
