// SPDX-License-Identifier: Apache-2.0
// One HTTP request as a handler sees it, and its answer until it is sent.
// Invariants: everything hangs on the arena; path segments and query values are decoded strictly (UTF-8, no
// NUL, no broken %XX): a path that cannot be decoded matches no route, a query that cannot is in `why`; the
// body is read only after its size, site and credential were judged; the last answer set counts.
#ifndef PARLEY_WEB_REQUEST_H
#define PARLEY_WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/address.h"
#include "lib/arena.h"
#include "lib/buf.h"
#include "lib/config.h"
#include "lib/credential.h"
#include "lib/db.h"
#include "lib/error.h"
#include "lib/json.h"

enum method { METHOD_GET, METHOD_POST, METHOD_PATCH, METHOD_PUT, METHOD_DELETE, METHOD_COUNT, METHOD_OTHER };

#define REQUEST_SEGMENTS_MAX 12
#define REQUEST_QUERY_MAX 32
#define REQUEST_ID_TEXT 33
#define ANSWER_HEADERS_MAX 12

struct route;

typedef struct query_item {
    const char *name;
    const char *value;
} query_item;

typedef struct answer {
    int status; // 0 = none yet
    const char *type;
    const char *body; // in the arena or borrowed from `result`
    size_t len;
    int headers_count;
    const char *headers[ANSWER_HEADERS_MAX]; // whole lines without CRLF
    PGresult *result;                        // kept until the answer is sent
} answer;

typedef struct request {
    log_object log; // prefix: req=ID
    const config *cfg;
    db *database;
    arena *arena;

    char id[REQUEST_ID_TEXT];
    enum method method;
    bool head; // HEAD: answered as GET, without the body
    const char *method_text;
    const char *path; // as sent, without the query; for the log
    size_t segments_count;
    const char *segments[REQUEST_SEGMENTS_MAX]; // decoded
    size_t query_count;
    query_item query[REQUEST_QUERY_MAX];                                // decoded, + is a blank
    const char *host, *origin, *fetch_site, *content_type, *user_agent; // "" or NULL when absent
    char address[ADDRESS_TEXT];                                         // the client's
    int64_t content_length;                                             // -1 = not a number
    credential credential;

    const struct route *route; // once matched
    int64_t ids[REQUEST_SEGMENTS_MAX];
    const char *id_names[REQUEST_SEGMENTS_MAX];
    size_t ids_count;

    struct json_object *json; // the body; NULL when the route takes none
    problem why;              // what readers and web_sql found wrong
    json_reader in;           // members of json, reports to why
    bool credential_judged;   // SQL has seen the credential and did not refuse it
    answer answer;
    int64_t started_us;
} request;

// Reads body bytes: fills at most cap, returns how many, 0 at the end, -1 on error.
typedef long (*body_reader)(void *source, char *out, size_t cap);

// Fills *r (which is overwritten) from CGI variables (NULL-terminated list of NAME=value).
void request_read(request *r, const config *cfg, db *database, arena *a, char *const *variables);
// Frees what is not in the arena.
void request_end(request *r);
// Reads and parses the JSON body of r->content_length bytes; false with r->why set.
bool request_read_json(request *r, body_reader read, void *source, size_t max);

// The {name} of the route's pattern; 0 when there is none such.
int64_t path_id(const request *r, const char *name);

// Query values. A missing one gives NULL, 0 or the fallback; a bad one sets r->why. Of a repeated name
// the first counts.
const char *query_text(request *r, const char *name, text_rule rule);
int64_t query_id(request *r, const char *name);
int64_t query_int(request *r, const char *name, int64_t min, int64_t max, int64_t fallback);
// `limit`: 1 and up, above max means max.
int query_limit(request *r, int fallback, int max);
// Ids parted by commas, at most max.
size_t query_ids(request *r, const char *name, size_t max, int64_t **out);
// The user agent for the list of sessions, cut to 200 bytes ("" when absent or not UTF-8).
const char *request_device(request *r);

#endif
