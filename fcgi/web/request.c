// SPDX-License-Identifier: Apache-2.0
// CGI variables to a request; its body, path and query. See request.h.
#include "web/request.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/clock.h"
#include "lib/token.h"
#include "lib/utf8.h"

#define DEVICE_MAX 200
#define ID_BYTES 8

static const char *const METHODS[METHOD_COUNT] = {"GET", "POST", "PATCH", "PUT", "DELETE"};

static size_t log_prefix(const log_object *self, char *out, size_t cap) {
    const request *r = (const request *)self; // log is its first member
    int len = snprintf(out, cap, "req=%s", r->id);
    return len < 0 ? 0 : (size_t)len < cap ? (size_t)len : cap - 1;
}

// The value of a variable; NULL when it is absent or empty, which CGI does not tell apart.
static const char *variable(char *const *variables, const char *name) {
    size_t len = strlen(name);
    for (char *const *v = variables; *v != NULL; v++)
        if (strncmp(*v, name, len) == 0 && (*v)[len] == '=')
            return (*v)[len + 1] == '\0' ? NULL : *v + len + 1;
    return NULL;
}

static int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

// Percent-decoding (RFC 3986 section 2.1) of len characters; NULL when an escape is broken or the outcome is not
// UTF-8 or holds NUL.
static const char *decode(arena *a, const char *text, size_t len, bool plus_is_blank) {
    char *out = arena_alloc(a, len + 1);
    size_t at = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '%') {
            out[at++] = plus_is_blank && text[i] == '+' ? ' ' : text[i];
            continue;
        }
        int high = i + 2 < len ? hex_value(text[i + 1]) : -1, low = i + 2 < len ? hex_value(text[i + 2]) : -1;
        if (high < 0 || low < 0) return NULL;
        out[at++] = (char)(high * 16 + low);
        i += 2;
    }
    return utf8_valid(out, at) ? out : NULL;
}

// A path with too many segments, or one that cannot be decoded, is left without any: nothing matches it.
static void read_path(request *r) {
    const char *p = r->path;
    size_t count = 0;
    if (p[0] != '/') return;
    while (*p == '/') {
        size_t len = strcspn(++p, "/");
        if (count == REQUEST_SEGMENTS_MAX) return;
        r->segments[count] = decode(r->arena, p, len, false);
        if (r->segments[count] == NULL) return;
        count++;
        p += len;
    }
    r->segments_count = count;
}

static bool read_pair(request *r, const char *pair, size_t len) {
    const char *equals = memchr(pair, '=', len);
    size_t name_len = equals == NULL ? len : (size_t)(equals - pair);
    size_t value_len = equals == NULL ? 0 : len - name_len - 1;
    query_item *item = &r->query[r->query_count];
    item->name = decode(r->arena, pair, name_len, true);
    item->value = equals == NULL ? "" : decode(r->arena, equals + 1, value_len, true);
    if (item->name == NULL || item->value == NULL) return false;
    r->query_count++;
    return true;
}

static void read_query(request *r, const char *query) {
    for (const char *p = query; *p != '\0';) {
        size_t len = strcspn(p, "&");
        if (len > 0 && r->query_count == REQUEST_QUERY_MAX) {
            problem_set(&r->why, ERROR_MALFORMED, "The query has too many parts.");
            return;
        }
        if (len > 0 && !read_pair(r, p, len)) {
            problem_set(&r->why, ERROR_MALFORMED, "The query has a broken escape or is not UTF-8.");
            return;
        }
        p += len;
        if (*p == '&') p++;
    }
}

static void read_target(request *r, const char *target) {
    size_t len = strcspn(target, "?#");
    r->path = arena_copy(r->arena, target, len);
    read_path(r);
    if (target[len] == '?') read_query(r, target + len + 1);
}

static void read_method(request *r, const char *method) {
    r->method_text = method == NULL ? "?" : method;
    r->head = strcmp(r->method_text, "HEAD") == 0;
    r->method = r->head ? METHOD_GET : METHOD_OTHER;
    for (int i = 0; i < METHOD_COUNT; i++)
        if (strcmp(r->method_text, METHODS[i]) == 0) r->method = (enum method)i;
}

// The web server's own id for the request, when it gives one that looks like an id; else a new one.
static void read_id(request *r, const char *given) {
    size_t len = given == NULL ? 0 : strlen(given);
    if (len >= 8 && len < REQUEST_ID_TEXT && strspn(given, "0123456789abcdef") == len)
        snprintf(r->id, sizeof r->id, "%s", given);
    else
        token_hex(r->id, ID_BYTES);
}

void request_read(request *r, const config *cfg, db *database, arena *a, char *const *variables) {
    *r = (request){
        .log.prefix = log_prefix, .cfg = cfg, .database = database, .arena = a, .started_us = clock_us()};
    const char *length = variable(variables, "CONTENT_LENGTH");
    const char *target = variable(variables, "REQUEST_URI");
    read_id(r, variable(variables, "REQUEST_ID"));
    read_method(r, variable(variables, "REQUEST_METHOD"));
    read_target(r, target == NULL ? "" : target);
    r->content_length = length == NULL ? 0 : number_parse(length, strlen(length), INT64_MAX);
    r->content_type = variable(variables, "CONTENT_TYPE");
    r->host = variable(variables, "HTTP_HOST");
    r->origin = variable(variables, "HTTP_ORIGIN");
    r->fetch_site = variable(variables, "HTTP_SEC_FETCH_SITE");
    r->user_agent = variable(variables, "HTTP_USER_AGENT");
    address_client(&cfg->trusted_proxies, variable(variables, "REMOTE_ADDR"),
                   variable(variables, "HTTP_X_FORWARDED_FOR"), r->address);
    credential_read(&r->credential, variable(variables, "HTTP_COOKIE"),
                    variable(variables, "HTTP_AUTHORIZATION"));
    r->in = json_reader_of(NULL, &r->why);
}

void request_end(request *r) {
    json_wipe(r->json);
    json_object_put(r->json);
    PQclear(r->answer.result);
    r->json = NULL;
    r->answer.result = NULL;
}

bool request_read_json(request *r, body_reader read, void *source, size_t max) {
    if (r->content_length < 0 || (uint64_t)r->content_length > max) {
        problem_set(&r->why, ERROR_MALFORMED, "Content-Length is no number.");
        return false;
    }
    size_t want = (size_t)r->content_length, have = 0;
    char *body = arena_alloc(r->arena, want + 1);
    while (have < want) {
        long got = read(source, body + have, want - have);
        if (got <= 0) break;
        have += (size_t)got;
    }
    if (have < want) {
        problem_set(&r->why, ERROR_MALFORMED, "The body ends before its Content-Length.");
        return false;
    }
    r->json = json_parse(body, have, r->cfg->json_depth, &r->why);
    r->in = json_reader_of(r->json, &r->why);
    return r->json != NULL && json_ok(&r->in);
}

int64_t path_id(const request *r, const char *name) {
    for (size_t i = 0; i < r->ids_count; i++)
        if (strcmp(r->id_names[i], name) == 0) return r->ids[i];
    return 0;
}

// --- query values ---

static const char *query_value(const request *r, const char *name) {
    if (r->why.code != ERROR_NONE) return NULL;
    for (size_t i = 0; i < r->query_count; i++)
        if (strcmp(r->query[i].name, name) == 0) return r->query[i].value;
    return NULL;
}

const char *query_text(request *r, const char *name, text_rule rule) {
    const char *value = query_value(r, name);
    return value != NULL && text_fits(value, strlen(value), rule, name, &r->why) ? value : NULL;
}

int64_t query_id(request *r, const char *name) {
    const char *value = query_value(r, name);
    if (value == NULL) return 0;
    int64_t id = id_parse(value, strlen(value));
    if (id == 0) problem_set(&r->why, ERROR_INVALID, "%s: expected an id.", name);
    return id;
}

int64_t query_int(request *r, const char *name, int64_t min, int64_t max, int64_t fallback) {
    const char *value = query_value(r, name);
    if (value == NULL) return fallback;
    int64_t number = number_parse(value, strlen(value), max);
    if (number >= min) return number;
    problem_set(&r->why, ERROR_INVALID, "%s: expected a whole number from %lld to %lld.", name,
                (long long)min, (long long)max);
    return fallback;
}

int query_limit(request *r, int fallback, int max) {
    int64_t limit = query_int(r, "limit", 1, INT64_MAX, fallback);
    return limit > max ? max : (int)limit;
}

size_t query_ids(request *r, const char *name, size_t max, int64_t **out) {
    const char *p = query_value(r, name);
    size_t count = 0;
    *out = arena_array(r->arena, max, sizeof **out);
    while (p != NULL && *p != '\0') {
        size_t len = strcspn(p, ",");
        int64_t id = id_parse(p, len);
        if (id == 0 || count == max) {
            problem_set(&r->why, ERROR_INVALID, "%s: expected at most %zu ids parted by commas.", name, max);
            return 0;
        }
        (*out)[count++] = id;
        p += len;
        if (*p == ',') p++;
    }
    return count;
}

const char *request_device(request *r) {
    const char *agent = r->user_agent;
    if (agent == NULL || !utf8_valid(agent, strlen(agent)) || utf8_has_control(agent, strlen(agent)))
        return "";
    return arena_copy(r->arena, agent, utf8_cut(agent, strlen(agent), DEVICE_MAX));
}
