// SPDX-License-Identifier: Apache-2.0
// A FastCGI program: a table of routes, a table of database calls, one line of main.
//
//   int main(int argc, char **argv) { return web_main(argc, argv, &(web_program){…}); }
//
//   static void groups_create(request *r) {
//       db_params p = web_params(r);                      // $1: the credential's hash or NULL
//       db_text(&p, json_need_text(&r->in, "title", title_rule(r)));
//       db_text(&p, json_need_uuid(&r->in, "ref"));
//       web_sql(r, 201, "groups_create", &p);             // answers; also when a member was wrong
//   }
#ifndef PARLEY_WEB_WEB_H
#define PARLEY_WEB_WEB_H

#include "lib/db.h"
#include "web/request.h"
#include "web/response.h"
#include "web/router.h"

typedef struct web_program {
    const char *name; // "login": also the role, the key NAME_workers, NAME.fcgi
    const char *what; // one line for --help
    const route *routes;
    size_t routes_count;
    const db_call *calls;
    size_t calls_count;
} web_program;

// All of main: options (--socket PATH, --routes and those of lib/options.h), check of the database,
// prefork, requests. Returns the exit code.
int web_main(int argc, char **argv, const web_program *program);

// Parameters that begin with the hash of the credential (NULL when there is none), as the functions for
// FastCGI programs take it.
db_params web_params(request *r);
// Parameters without it.
db_params web_params_bare(request *r);

// A boolean member of the body as a parameter: NULL where it is missing or null, which leaves things as they are.
void web_wish(request *r, db_params *p, const char *name);

// The most common handler: if a reader found something wrong, answers that; else runs one function
// that returns one JSON text and answers it with status, or 204 where it is NULL or there is no row; or
// answers the problem it raised.
void web_sql(request *r, int status, const char *call, const db_params *p);
// For handlers that look at the row: the result (owned by the request, never NULL rows: at least the
// columns of one row), or NULL when the problem has been answered.
const PGresult *web_row(request *r, const char *call, const db_params *p);

typedef struct web_session {
    int64_t account;
    int64_t session;
    bool admin;
    bool must_change_password;
} web_session;
// Who asks, by api.common_session; false when the problem has been answered. Only for handlers which need
// it in C.
bool web_session_of(request *r, web_session *out);

#endif
