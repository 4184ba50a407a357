// SPDX-License-Identifier: Apache-2.0
// Rows of results; see row.h.
#include "relay/row.h"

#include <stdlib.h>
#include <string.h>

struct rows rows_of(const PGresult *result) {
    return (struct rows){
        .result = result,
        .place = PQfnumber(result, "place"),
        .kind = PQfnumber(result, "kind"),
        .mod = PQfnumber(result, "mod"),
        .account_mod = PQfnumber(result, "account_mod"),
        .conversation = PQfnumber(result, "conversation"),
        .subject = PQfnumber(result, "subject"),
        .ref = PQfnumber(result, "ref"),
        .event = PQfnumber(result, "event"),
    };
}

static const char *text_at(const struct rows *rows, int i, int column) {
    if (column < 0 || PQgetisnull(rows->result, i, column)) return NULL;
    return PQgetvalue(rows->result, i, column);
}

static int64_t number_at(const struct rows *rows, int i, int column) {
    const char *text = text_at(rows, i, column);
    return text ? strtoll(text, NULL, 10) : 0;
}

bool rows_at(const struct rows *rows, int i, size_t places, struct row *out) {
    if (i >= PQntuples(rows->result)) return false;
    int64_t place = number_at(rows, i, rows->place);
    const char *kind = text_at(rows, i, rows->kind);
    if (place < 1 || (uint64_t)place > places || !kind) return false;
    *out = (struct row){
        .place = (size_t)place - 1,
        .kind = *kind,
        .mod = number_at(rows, i, rows->mod),
        .account_mod = number_at(rows, i, rows->account_mod),
        .conversation = number_at(rows, i, rows->conversation),
        .subject = number_at(rows, i, rows->subject),
        .ref = text_at(rows, i, rows->ref),
        .text = text_at(rows, i, rows->event),
    };
    if (out->text) out->len = (size_t)PQgetlength(rows->result, i, rows->event);
    return true;
}

size_t ids_of_array(const char *text, int64_t *out, size_t max) {
    size_t n = 0;
    if (!text || *text != '{') return 0;
    for (const char *at = text + 1; *at && *at != '}'; n++) {
        char *end;
        int64_t id = strtoll(at, &end, 10);
        if (end == at) break;
        if (n < max) out[n] = id;
        at = *end == ',' ? end + 1 : end;
    }
    return n;
}
