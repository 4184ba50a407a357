// SPDX-License-Identifier: Apache-2.0
// Router: matching, and the policy of a route applied in its fixed order. See router.h.
#include "web/router.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/clock.h"
#include "lib/site.h"
#include "web/response.h"
#include "web/throttle.h"

static const char *const METHODS[] = {"GET", "POST", "PATCH", "PUT", "DELETE"};
static const char *const ACCESSES[] = {"anyone", "session", "admin"};
static const char *const BODIES[] = {"none", "json"};
static const char *const RATES[] = {"none", "command", "login", "register", "message"};
static const char *const SITES[] = {"any", "same"};

// --- matching ---

// One segment of a pattern, {name} or a word, against one of the path.
static bool match_segment(request *r, const char *pattern, size_t len, const char *segment) {
    if (pattern[0] != '{') return strlen(segment) == len && memcmp(segment, pattern, len) == 0;
    int64_t id = id_parse(segment, strlen(segment));
    r->ids[r->ids_count] = id;
    r->id_names[r->ids_count] = arena_copy(r->arena, pattern + 1, len - 2);
    r->ids_count++;
    return id != 0;
}

static bool match(request *r, const char *pattern) {
    size_t i = 0;
    r->ids_count = 0;
    for (const char *p = pattern; *p == '/'; i++) {
        size_t len = strcspn(++p, "/");
        if (i == r->segments_count || !match_segment(r, p, len, r->segments[i])) return false;
        p += len;
    }
    return i == r->segments_count;
}

// Finds the row; with another method only, *allowed gets the methods there are ("GET, HEAD, POST").
static const route *find(const route_table *table, request *r, buf *allowed) {
    for (size_t i = 0; i < table->count; i++) {
        const route *row = &table->rows[i];
        if (!match(r, row->pattern)) continue;
        if (row->method == r->method) return row;
        if (allowed->len > 0) buf_add_text(allowed, ", ");
        buf_add_text(allowed, row->method == METHOD_GET ? "GET, HEAD" : METHODS[row->method]);
    }
    return NULL;
}

static bool judge_route(const route_table *table, request *r) {
    buf allowed;
    buf_init(&allowed, 256);
    r->route = find(table, r, &allowed);
    if (r->route == NULL && allowed.len == 0) {
        answer_error(r, ERROR_NOT_FOUND, "There is no such path.");
    } else if (r->route == NULL) {
        answer_error(r, ERROR_METHOD_NOT_ALLOWED, "Allowed: %s.", allowed.data);
        answer_header(r, "Allow", allowed.data);
    }
    buf_free(&allowed);
    return r->route != NULL;
}

// --- the judges, in the order of the contract ---

typedef struct body_source {
    body_reader read;
    void *source;
} body_source;

static size_t body_max(const request *r) {
    return (size_t)(r->route->body_max > 0 ? r->route->body_max : r->cfg->body_max_bytes);
}

static bool judge_size(request *r, const body_source *body) {
    (void)body;
    if (r->content_length < 0 || (uint64_t)r->content_length <= body_max(r)) return true;
    answer_error(r, ERROR_TOO_LARGE, "The body may have %zu bytes.", body_max(r));
    return false;
}

static bool judge_site(request *r, const body_source *body) {
    (void)body;
    if (r->route->site == SITE_ANY || !r->credential.cookie_sent) return true;
    if (site_same(r->cfg->public_url, r->host, r->origin, r->fetch_site)) return true;
    answer_error(r, ERROR_CROSS_SITE, NULL);
    return false;
}

static bool has_credential(const request *r) {
    return r->credential.kind == CREDENTIAL_COOKIE_TOKEN || r->credential.kind == CREDENTIAL_BEARER;
}

static bool judge_credential(request *r, const body_source *body) {
    (void)body;
    if (r->route->access == ACCESS_ANYONE || has_credential(r)) return true;
    answer_error(r, ERROR_UNAUTHENTICATED, NULL);
    return false;
}

// application/json, with no charset but UTF-8.
static bool is_json(const char *type) {
    static const char name[] = "application/json";
    if (type == NULL || strncasecmp(type, name, sizeof name - 1) != 0) return false;
    const char *rest = type + sizeof name - 1;
    rest += strspn(rest, " \t");
    if (*rest == '\0') return true;
    if (*rest != ';') return false;
    rest += 1 + strspn(rest + 1, " \t");
    return strncasecmp(rest, "charset=", 8) != 0 || strcasecmp(rest + 8, "utf-8") == 0 ||
           strcasecmp(rest + 8, "\"utf-8\"") == 0;
}

static bool judge_type(request *r, const body_source *body) {
    (void)body;
    if (r->route->body == BODY_NONE || is_json(r->content_type)) return true;
    answer_error(r, ERROR_UNSUPPORTED_TYPE, NULL);
    return false;
}

static bool judge_form(request *r, const body_source *body) {
    bool good = r->why.code == ERROR_NONE; // the query
    if (good && r->route->body == BODY_JSON)
        good = request_read_json(r, body->read, body->source, body_max(r));
    if (!good) answer_problem(r, &r->why);
    return good;
}

static bool judge_rate(request *r, const body_source *body) {
    int retry_s;
    (void)body;
    if (r->route->rate != RATE_COMMAND || throttle_take(r, clock_ms(), &retry_s)) return true;
    problem_set(&r->why, ERROR_TOO_MANY, NULL);
    r->why.retry_after = retry_s;
    answer_problem(r, &r->why);
    return false;
}

typedef bool (*judge)(request *r, const body_source *body);

static const judge JUDGES[] = {
    judge_size,       // 413
    judge_site,       // 403
    judge_credential, // 401
    judge_type,       // 415
    judge_form,       // 400
    judge_rate,       // 429
};

// A request that is wrong in form may come from nobody: then it is 401. (One who must change the password first is
// somebody.)
static void judge_held_back(request *r) {
    problem why;
    bool wrong = r->answer.status == 400 || r->answer.status == 415;
    if (!wrong || r->credential_judged || r->route->access == ACCESS_ANYONE) return;
    db_params p = db_params_new(r->arena);
    db_bytes(&p, r->credential.hash, TOKEN_HASH);
    PQclear(db_run(r->database, "common_session", &p, &why));
    if (why.code != ERROR_NONE && why.code != ERROR_PASSWORD_CHANGE) answer_problem(r, &why);
}

void router_dispatch(const route_table *table, request *r, body_reader read, void *source) {
    body_source body = {read, source};
    bool good = judge_route(table, r);
    if (r->route == NULL) return;
    for (size_t i = 0; good && i < sizeof JUDGES / sizeof JUDGES[0]; i++)
        good = JUDGES[i](r, &body);
    if (good) r->route->handler(r);
    judge_held_back(r);
    if (r->answer.status == 0) answer_error(r, ERROR_INTERNAL, NULL);
}

// --- looking at a table ---

void router_print(const route_table *table, FILE *out) {
    for (size_t i = 0; i < table->count; i++) {
        const route *row = &table->rows[i];
        fprintf(out, "%-6s %-48s %-7s body=%s rate=%s site=%s\n", METHODS[row->method], row->pattern,
                ACCESSES[row->access], BODIES[row->body], RATES[row->rate], SITES[row->site]);
    }
}

static bool pattern_good(const char *pattern) {
    size_t segments = 0;
    const char *p = pattern;
    for (; *p == '/'; segments++) {
        size_t len = strcspn(++p, "/");
        bool name = len > 2 && p[0] == '{' && p[len - 1] == '}';
        if (len == 0 || (!name && strcspn(p, "{}") < len)) return false;
        p += len;
    }
    return *p == '\0' && segments > 0 && segments <= REQUEST_SEGMENTS_MAX;
}

static const char *row_trouble(const route_table *table, size_t i) {
    const route *row = &table->rows[i];
    if (row->handler == NULL) return "has no handler";
    if (row->method >= METHOD_COUNT || !pattern_good(row->pattern)) return "has a bad method or pattern";
    if (row->method != METHOD_GET && row->site == SITE_ANY) return "changes state for any site";
    if (row->method == METHOD_GET && row->body != BODY_NONE) return "is a GET with a body";
    for (size_t k = 0; k < i; k++)
        if (table->rows[k].method == row->method && strcmp(table->rows[k].pattern, row->pattern) == 0)
            return "is there twice";
    return NULL;
}

bool router_check(const route_table *table, char *why, size_t cap) {
    for (size_t i = 0; i < table->count; i++) {
        const char *trouble = row_trouble(table, i);
        if (trouble == NULL) continue;
        snprintf(why, cap, "%s %s %s", METHODS[table->rows[i].method % METHOD_COUNT], table->rows[i].pattern,
                 trouble);
        return false;
    }
    return true;
}
