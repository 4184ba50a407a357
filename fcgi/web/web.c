// SPDX-License-Identifier: Apache-2.0
// The main of a FastCGI program and the helpers of its handlers. See web.h.
#include "web/web.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"
#include "lib/options.h"
#include "web/prefork.h"
#include "web/serve.h"

// --- handlers' helpers ---

db_params web_params_bare(request *r) {
    return db_params_new(r->arena);
}

db_params web_params(request *r) {
    bool some = r->credential.kind == CREDENTIAL_COOKIE_TOKEN || r->credential.kind == CREDENTIAL_BEARER;
    db_params p = db_params_new(r->arena);
    db_bytes(&p, some ? r->credential.hash : NULL, TOKEN_HASH);
    return p;
}

void web_wish(request *r, db_params *p, const char *name) {
    bool wish = json_want_bool(&r->in, name, false);
    if (json_has(&r->in, name) && !json_is_null(&r->in, name))
        db_bool(p, wish);
    else
        db_null(p);
}

// Keeps the result with the request; the one before it stays valid no longer.
static const PGresult *run(request *r, const char *call, const db_params *p) {
    if (r->why.code != ERROR_NONE) {
        answer_problem(r, &r->why);
        return NULL;
    }
    PGresult *result = db_run(r->database, call, p, &r->why);
    if (result == NULL) {
        // A problem that SQL raised comes after its look at the credential; a bad parameter does not.
        r->credential_judged = r->why.code != ERROR_INVALID;
        answer_problem(r, &r->why);
        return NULL;
    }
    r->credential_judged = true;
    PQclear(r->answer.result);
    r->answer.result = result;
    return result;
}

const PGresult *web_row(request *r, const char *call, const db_params *p) {
    const PGresult *result = run(r, call, p);
    if (result == NULL || PQntuples(result) > 0) return result;
    log_error(&r->log, "%s gave no row", call);
    answer_error(r, ERROR_INTERNAL, NULL);
    return NULL;
}

void web_sql(request *r, int status, const char *call, const db_params *p) {
    const PGresult *result = run(r, call, p);
    if (result == NULL) return;
    if (PQntuples(result) == 0 || PQnfields(result) == 0 || PQgetisnull(result, 0, 0))
        answer_empty(r);
    else
        answer_json(r, status, PQgetvalue(result, 0, 0), (size_t)PQgetlength(result, 0, 0));
}

static int64_t id_field(const PGresult *row, const char *column) {
    const char *text = db_field(row, column);
    return text == NULL ? 0 : id_parse(text, strlen(text));
}

static bool bool_field(const PGresult *row, const char *column) {
    const char *text = db_field(row, column);
    return text != NULL && text[0] == 't';
}

bool web_session_of(request *r, web_session *out) {
    db_params p = web_params(r);
    const PGresult *row = web_row(r, "common_session", &p);
    if (row == NULL) return false;
    *out = (web_session){.account = id_field(row, "account"),
                         .session = id_field(row, "session"),
                         .admin = bool_field(row, "admin"),
                         .must_change_password = bool_field(row, "must_change_password")};
    return true;
}

// --- main ---

typedef struct worker_arg {
    const web_program *program;
    const config *cfg;
    int listener;
} worker_arg;

static int work(void *arg) {
    const worker_arg *w = arg;
    return serve(w->program, w->cfg, w->listener);
}

// The database may be away at a start, and comes back by itself; one that is refused must be mended by somebody.
static bool database_refused(const web_program *program, const config *cfg) {
    db *d = db_create(cfg, program->name, program->calls, program->calls_count);
    bool refused = db_connect(d) == DB_REFUSED;
    db_destroy(d);
    return refused;
}

// The session check belongs to every program, whether its own table names it or not.
static web_program with_session_check(const web_program *program) {
    static const db_call check = {"common_session", "bytea"};
    web_program full = *program;
    for (size_t i = 0; i < program->calls_count; i++)
        if (strcmp(program->calls[i].name, check.name) == 0) return full;
    db_call *calls = mem_array(program->calls_count + 1, sizeof *calls);
    if (program->calls_count > 0) memcpy(calls, program->calls, program->calls_count * sizeof *calls);
    calls[full.calls_count++] = check;
    full.calls = calls;
    return full;
}

static int start(const web_program *program, const config *cfg, const char *path) {
    if (database_refused(program, cfg)) return EX_UNAVAILABLE;
    worker_arg arg = {.program = program, .cfg = cfg, .listener = prefork_listen(path)};
    if (arg.listener < 0) return 1;
    return prefork_run(path, config_workers(cfg, program->name), work, &arg);
}

int web_main(int argc, char **argv, const web_program *program) {
    const char *path = NULL;
    bool routes = false;
    char trouble[200];
    config cfg;
    const option_row options[] = {
        {"--socket", "PATH", "listen on this unix socket", &path, NULL, true, false},
        {"--routes", NULL, "print the table of routes, and end", NULL, &routes, false, true},
    };
    const route_table table = {program->routes, program->routes_count};
    if (!router_check(&table, trouble, sizeof trouble)) {
        fprintf(stderr, "%s: %s\n", program->name, trouble);
        return 1;
    }
    int code = options_start(argc, argv, program->name, program->what, options, 2, &cfg);
    if (code != OPTIONS_GO_ON) return code;
    if (routes) {
        router_print(&table, stdout);
        return 0;
    }
    web_program full = with_session_check(program);
    code = start(&full, &cfg, path);
    if (full.calls != program->calls) mem_free((void *)full.calls);
    return code;
}
