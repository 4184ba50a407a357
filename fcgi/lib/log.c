// SPDX-License-Identifier: Apache-2.0
// Log: one line an event, one write(2) a line. See log.h.
#include "lib/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/utf8.h"

#define LINE_MAX_BYTES 2000
#define PREFIX_MAX 200

static const char *const NAMES[] = {"debug", "info", "warn", "error", "off"};
static const char *program_name = "parley";
static enum log_level lowest_level = LEVEL_INFO;

void log_setup(const char *program, enum log_level lowest) {
    program_name = program;
    lowest_level = lowest;
}

bool log_wants(enum log_level level) {
    return level >= lowest_level && level < LEVEL_OFF;
}

// One character of text that is safe in a line: as it is, or \xNN for each byte. Returns its length in
// the text; appends at most 4 bytes at out.
static size_t safe_char(const char *p, const char *end, char *out, size_t *out_len) {
    uint32_t code = 0;
    size_t step = utf8_decode(p, end, &code);
    if (step == 0 || utf8_has_control(p, step)) {
        *out_len = (size_t)snprintf(out, 5, "\\x%02x", (unsigned char)p[0]);
        return 1;
    }
    memcpy(out, p, step);
    *out_len = step;
    return step;
}

static size_t add_safe(char *line, size_t at, const char *text, size_t len) {
    const char *end = text + len;
    char piece[8];
    for (const char *p = text; p < end;) {
        size_t piece_len;
        p += safe_char(p, end, piece, &piece_len);
        if (at + piece_len > LINE_MAX_BYTES) break;
        memcpy(line + at, piece, piece_len);
        at += piece_len;
    }
    return at;
}

void log_write(enum log_level level, const log_object *object, const char *format, ...) {
    char line[LINE_MAX_BYTES + 2], text[LINE_MAX_BYTES], prefix[PREFIX_MAX], when[CLOCK_TEXT];
    va_list args;
    va_start(args, format);
    int wrote = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (wrote < 0) return;
    size_t text_len = strlen(text);

    clock_format(clock_wall_ms(), when);
    size_t at = (size_t)snprintf(line, LINE_MAX_BYTES / 2, "%s %-5s %.40s[%d] ", when, NAMES[level],
                                 program_name, (int)getpid());
    if (object != NULL && object->prefix != NULL) {
        at = add_safe(line, at, prefix, object->prefix(object, prefix, sizeof prefix));
        line[at++] = ' ';
    }
    at = add_safe(line, at, text, text_len);
    line[at++] = '\n';
    ssize_t ignored = write(STDERR_FILENO, line, at); // nowhere to complain
    (void)ignored;
}
