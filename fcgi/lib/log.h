// SPDX-License-Identifier: Apache-2.0
// Log: one line an event to stderr: time (UTC), level, program[pid], prefix of the object, text.
// Control characters and invalid UTF-8 are escaped, so one event is one line whatever it holds. A line
// is cut at 2,000 bytes and written by one write(2). Never log a secret (token, hash, password, cookie,
// poll session) or a message's text.
#ifndef PARLEY_LIB_LOG_H
#define PARLEY_LIB_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LEVEL_DEBUG, LEVEL_INFO, LEVEL_WARN, LEVEL_ERROR, LEVEL_OFF };

// What can be logged about: embed one as member `log` and set prefix. The hook writes at most cap
// bytes (no NUL needed) such as "req=ab12 account=77" and returns how many it wrote.
typedef struct log_object log_object;
struct log_object {
    size_t (*prefix)(const log_object *self, char *out, size_t cap);
};

// Name shown in each line (kept by pointer) and the lowest level written.
void log_setup(const char *program, enum log_level lowest);
bool log_wants(enum log_level level);

// object may be NULL.
void log_write(enum log_level level, const log_object *object, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_at(level, object, ...)                                       \
    do {                                                                 \
        if (log_wants(level)) log_write((level), (object), __VA_ARGS__); \
    } while (0)
#define log_debug(object, ...) log_at(LEVEL_DEBUG, object, __VA_ARGS__)
#define log_info(object, ...) log_at(LEVEL_INFO, object, __VA_ARGS__)
#define log_warn(object, ...) log_at(LEVEL_WARN, object, __VA_ARGS__)
#define log_error(object, ...) log_at(LEVEL_ERROR, object, __VA_ARGS__)

#endif
