// SPDX-License-Identifier: Apache-2.0
// Router: a program is a table of routes; a row carries its whole policy, and one dispatcher applies it before
// the handler runs, in the order of protocol.md section 1: 404, 405 with Allow, 413, cross-site
// 403, 401, 415, 400, 429 (commands). Only SQL can judge a credential: a 400 or 415 that was found before it did
// is held back until api.common_session has said that the credential is good.
#ifndef PARLEY_WEB_ROUTER_H
#define PARLEY_WEB_ROUTER_H

#include <stdio.h>

#include "web/request.h"

enum access {
    ACCESS_ANYONE,  // the handler may look at the credential
    ACCESS_SESSION, // a credential is needed; SQL judges it
    ACCESS_ADMIN,   // likewise, of an admin
};

enum body_kind { BODY_NONE, BODY_JSON };

enum rate_class {
    RATE_NONE,
    RATE_COMMAND, // command_rate_limit and command_burst a session (or address), in each worker
    RATE_LOGIN,   // these three are enforced by SQL; the row says so
    RATE_REGISTER,
    RATE_MESSAGE,
};

enum site_rule {
    SITE_ANY,  // reads
    SITE_SAME, // carrying the cookie from another site is refused
};

typedef struct route {
    enum method method;
    const char *pattern; // "/api/groups/{id}/members/{account}"; a {name} is an id
    enum access access;
    enum body_kind body;
    int body_max; // bytes; 0 = body_max_bytes
    enum rate_class rate;
    enum site_rule site;
    void (*handler)(request *r);
} route;

typedef struct route_table {
    const route *rows;
    size_t count;
} route_table;

// Applies the policy, reads the body, runs the handler. r comes from request_read; afterwards r->answer is set.
void router_dispatch(const route_table *table, request *r, body_reader read, void *source);
// One row a line: method, pattern, access, body, rate, site; parted by blanks.
void router_print(const route_table *table, FILE *out);
// Writes the first thing wrong with a table (a repeated row, a state-changing row that is SITE_ANY, a bad
// pattern) to why; true when there is none.
bool router_check(const route_table *table, char *why, size_t cap);

#endif
