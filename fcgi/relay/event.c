// SPDX-License-Identifier: Apache-2.0
// Events; see event.h.
#include "relay/event.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

static struct event *event_alloc(size_t len) {
    struct event *e = mem_alloc(sizeof *e + len + 3);
    e->refs = 1;
    e->len = (uint32_t)len;
    e->frame[0] = '[';
    e->frame[len + 1] = ']';
    return e;
}

struct event *event_new(const char *text, size_t len) {
    struct event *e = event_alloc(len);
    memcpy(e->frame + 1, text, len);
    return e;
}

struct event *event_printf(const char *format, ...) {
    char short_text[512];
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(short_text, sizeof short_text, format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t)n;
    struct event *e = event_alloc(len);
    if (len < sizeof short_text) {
        memcpy(e->frame + 1, short_text, len);
    } else {
        vsnprintf(e->frame + 1, len + 1, format, again);
        e->frame[len + 1] = ']';
    }
    va_end(again);
    return e;
}

struct event *event_ref(struct event *e) {
    e->refs++;
    return e;
}

void event_unref(struct event *e) {
    if (e && --e->refs == 0) mem_free(e);
}
