// SPDX-License-Identifier: Apache-2.0
// Row: one row of api.live_changes or api.live_account_changes, out of a libpq result. Texts are borrowed from the result.
#ifndef PARLEY_RELAY_ROW_H
#define PARLEY_RELAY_ROW_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct row {
    size_t place; // in the arrays asked with, from 0
    char kind;
    int64_t mod;          // of the conversation
    int64_t account_mod;  // live_account_changes only
    int64_t conversation; // live_account_changes only
    int64_t subject;      // live_changes only
    const char *ref;      // live_changes only; NULL = none
    const char *text;     // the event; NULL = none
    size_t len;
};

// Columns of a result, looked up once.
struct rows {
    const PGresult *result;
    int place, kind, mod, account_mod, conversation, subject, ref, event; // -1 = not in this result
};

struct rows rows_of(const PGresult *result);
// Row i; false past the end. places: length of the arrays asked with; a row that names a place outside ends the walk.
bool rows_at(const struct rows *rows, int i, size_t places, struct row *out);

// A bigint[] in text form ("{1,2}") into out, at most max; returns how many there are in it.
size_t ids_of_array(const char *text, int64_t *out, size_t max);

#endif
