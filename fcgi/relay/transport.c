// SPDX-License-Identifier: Apache-2.0
// The relay's door: libwebsockets on the relay's loop and unix socket, which path is what, and who may come in.
//
// Invariants:
//   * Refusals come in the order of protocol.md section 1: 404, 405, 413, cross-site 403, (relay full or without a lease
//     503,) 401, then 415 and 400; all as problem documents.
//   * A WebSocket upgrade is judged before it is made, but for its credential: that is the hello's affair.
//   * No HTTP/2, no TLS, no extension, no raw mode; the web server in front ends what the public speaks.
//   * In LWS_CALLBACK_HTTP_CONFIRM_UPGRADE nothing is read but the header table, and a refusal closes: after an unknown
//     Upgrade libwebsockets 4.1 passes a pointer into a table it has let go.
#include "relay/transport.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lib/json.h"
#include "lib/mem.h"
#include "lib/site.h"
#include "relay/acceptor.h"
#include "relay/http.h"
#include "relay/lease.h"
#include "relay/pipe.h"

#define VHOST "relay"
#define SUBPROTOCOL "parley.v1"
#define HEADER_BYTES 8192 // of one request's headers
#define BODY_SECONDS 10   // between two pieces of a body
#define SPARE_FILES 64    // descriptors that are not connections

_Static_assert(HTTP_ROOM == LWS_PRE, "answers leave room for libwebsockets");

// --- headers ------------------------------------------------------------------------------------------------------

// The header's value, to be freed by mem_free; NULL when it is absent.
static char *header_of(struct lws *wsi, enum lws_token_indexes token) {
    int len = lws_hdr_total_length(wsi, token);
    if (len <= 0) return NULL;
    char *text = mem_alloc((size_t)len + 1);
    if (lws_hdr_copy(wsi, text, len + 1, token) < 0) text[0] = '\0';
    return text;
}

// Likewise of a header that libwebsockets has no token for; name in lower case with its colon.
static char *other_header_of(struct lws *wsi, const char *name) {
    int len = lws_hdr_custom_length(wsi, name, (int)strlen(name));
    if (len < 0) return NULL;
    char *text = mem_alloc((size_t)len + 1);
    if (lws_hdr_custom_copy(wsi, text, len + 1, name, (int)strlen(name)) < 0) text[0] = '\0';
    return text;
}

static bool header_is(struct lws *wsi, enum lws_token_indexes token, const char *value) {
    char *text = header_of(wsi, token);
    bool same = text && strcasecmp(text, value) == 0;
    mem_free(text);
    return same;
}

// True when a comma-separated header names the word, in any case.
static bool header_lists(struct lws *wsi, enum lws_token_indexes token, const char *word) {
    char *text = header_of(wsi, token);
    bool found = false;
    char *rest = text;
    for (char *item; !found && rest && (item = strsep(&rest, ","));) {
        item += strspn(item, " \t");
        item[strcspn(item, " \t")] = '\0';
        found = strcasecmp(item, word) == 0;
    }
    mem_free(text);
    return found;
}

// The web server is our only peer; its X-Forwarded-For ends with whom it spoke to.
static void read_address(struct lws *wsi, const struct relay *r, char out[ADDRESS_TEXT]) {
    char *hops = header_of(wsi, WSI_TOKEN_X_FORWARDED_FOR);
    char *comma = hops ? strrchr(hops, ',') : NULL;
    const char *peer = comma ? comma + 1 : hops;
    if (comma) *comma = '\0';
    address_client(&r->cfg->trusted_proxies, peer ? peer + strspn(peer, " \t") : "", comma ? hops : NULL,
                   out);
    mem_free(hops);
}

static void read_credential(struct lws *wsi, credential *out) {
    char *cookie = header_of(wsi, WSI_TOKEN_HTTP_COOKIE);
    char *authorization = header_of(wsi, WSI_TOKEN_HTTP_AUTHORIZATION);
    credential_read(out, cookie, authorization);
    mem_free(cookie);
    mem_free(authorization);
}

static bool from_our_site(struct lws *wsi, const struct relay *r) {
    char *host = header_of(wsi, WSI_TOKEN_HOST);
    char *origin = header_of(wsi, WSI_TOKEN_ORIGIN);
    char *fetch_site = other_header_of(wsi, "sec-fetch-site:");
    bool ours = site_same(r->cfg->public_url, host, origin, fetch_site);
    mem_free(host);
    mem_free(origin);
    mem_free(fetch_site);
    return ours;
}

// --- routes -------------------------------------------------------------------------------------------------------

enum endpoint { ENDPOINT_NONE, ENDPOINT_WS, ENDPOINT_POLL };

static const struct route {
    const char *leaf;
    enum endpoint endpoint;
    int method;
    const char *allow; // header line for 405
} ROUTES[] = {
    {"ws", ENDPOINT_WS, LWSHUMETH_GET, "Allow: GET\r\n"},
    {"poll", ENDPOINT_POLL, LWSHUMETH_POST, "Allow: POST\r\n"},
};

// What follows /live/ or /live/NAME/ of this relay; NULL for all else.
static const char *leaf_of(const struct relay *r, const char *path, size_t len, size_t *leaf_len) {
    static const char prefix[] = "/live/";
    size_t begin = sizeof prefix - 1;
    if (len < begin || memcmp(path, prefix, begin) != 0) return NULL;
    size_t name = strlen(r->name);
    if (len > begin + name && path[begin + name] == '/' && memcmp(path + begin, r->name, name) == 0)
        begin += name + 1;
    *leaf_len = len - begin;
    return path + begin;
}

static const struct route *route_of(const struct relay *r, const char *path, size_t len) {
    size_t leaf_len = 0;
    const char *leaf = leaf_of(r, path, len, &leaf_len);
    for (size_t i = 0; leaf && i < sizeof ROUTES / sizeof ROUTES[0]; i++)
        if (leaf_len == strlen(ROUTES[i].leaf) && memcmp(leaf, ROUTES[i].leaf, leaf_len) == 0)
            return &ROUTES[i];
    return NULL;
}

static const struct route *find_route(struct lws *wsi, const struct relay *r, int *method) {
    char *path = NULL;
    int len = 0;
    *method = lws_http_get_uri_and_method(wsi, &path, &len);
    return *method >= 0 && path ? route_of(r, path, (size_t)len) : NULL;
}

// Bytes announced, 0 when there is no such header, -1 when it is malformed or beyond the bound.
static int64_t body_length(struct lws *wsi, int64_t bound) {
    char *text = header_of(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH);
    int64_t len = text ? number_parse(text, strlen(text), bound) : 0;
    mem_free(text);
    return len;
}

// --- who may come in ----------------------------------------------------------------------------------------------

bool transports_full(const struct relay *r) {
    return session_count(r) >= r->transports->sessions_max;
}

size_t transports_room(const struct relay *r) {
    return r->transports->sessions_max;
}

// The part of the judgement that both transports share: 404, 405, 413, 403, 503. Fills why; *more are header lines.
static const struct route *judge(struct lws *wsi, struct relay *r, const credential *who, problem *why,
                                 const char **more) {
    int method = -1;
    const struct route *route = find_route(wsi, r, &method);
    *more = "";
    bool guarded = route && (route->endpoint == ENDPOINT_WS || who->cookie_sent);
    if (!route) {
        problem_set(why, ERROR_NOT_FOUND, NULL);
    } else if (method != route->method) {
        problem_set(why, ERROR_METHOD_NOT_ALLOWED, NULL);
        *more = route->allow;
    } else if (body_length(wsi, r->cfg->body_max_bytes) < 0) {
        problem_set(why, ERROR_TOO_LARGE, "a body is at most %d bytes long", r->cfg->body_max_bytes);
    } else if (guarded && !from_our_site(wsi, r)) {
        problem_set(why, ERROR_CROSS_SITE, NULL);
    } else if (r->stopping ? route->endpoint == ENDPOINT_WS : lease_state(r) != LEASE_GOOD) {
        problem_set(why, ERROR_UNAVAILABLE, "this relay does not work just now");
    }
    return route;
}

// What makes an upgrade of RFC 6455 section 4.2.1, and our subprotocol, if it names any.
static void judge_upgrade(struct lws *wsi, problem *why, const char **more) {
    if (!header_is(wsi, WSI_TOKEN_UPGRADE, "websocket") ||
        !header_lists(wsi, WSI_TOKEN_CONNECTION, "upgrade") ||
        lws_hdr_total_length(wsi, WSI_TOKEN_KEY) != 24) {
        problem_set(why, ERROR_INVALID, "this address takes WebSocket upgrades only");
    } else if (!header_is(wsi, WSI_TOKEN_VERSION, "13")) {
        problem_set(why, ERROR_INVALID, "the WebSocket version is 13");
        *more = "Sec-WebSocket-Version: 13\r\n";
    } else if (lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) > 0 &&
               (lws_hdr_total_length(wsi, WSI_TOKEN_PROTOCOL) > 120 ||
                !header_lists(wsi, WSI_TOKEN_PROTOCOL, SUBPROTOCOL))) {
        problem_set(why, ERROR_INVALID, "the subprotocol is " SUBPROTOCOL);
    }
}

// Writes at once, for a connection that is closed next.
static void write_refusal(struct lws *wsi, const problem *why, const char *more) {
    buf out;
    buf_init(&out, BUF_NO_LIMIT);
    size_t body = http_problem(&out, why, more, false);
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0) out.len -= body;
    lws_write(wsi, (unsigned char *)out.data + HTTP_ROOM, out.len - HTTP_ROOM, LWS_WRITE_HTTP_FINAL);
    buf_free(&out);
}

static int on_confirm_upgrade(struct lws *wsi, struct relay *r) {
    if (lws_hdr_total_length(wsi, WSI_TOKEN_UPGRADE) <= 0) return -1; // the table is gone already
    problem why = {0};
    const char *more = "";
    credential who;
    read_credential(wsi, &who);
    judge(wsi, r, &who, &why, &more);
    if (why.code == ERROR_NONE && transports_full(r))
        problem_set(&why, ERROR_UNAVAILABLE, "this relay is full");
    if (why.code == ERROR_NONE) judge_upgrade(wsi, &why, &more);
    if (why.code == ERROR_NONE) return 0;
    log_info(NULL, "upgrade refused: %s", error_info(why.code)->name);
    write_refusal(wsi, &why, more);
    return -1;
}

static int on_established(struct lws *wsi, struct pipe *p) {
    credential who;
    char address[ADDRESS_TEXT];
    read_credential(wsi, &who);
    read_address(wsi, p->relay, address);
    return socket_opened(p, &who, address);
}

// --- one HTTP request ---------------------------------------------------------------------------------------------

static void request_free(struct pipe *p) {
    struct request *q = p->request;
    if (!q) return;
    if (q->held) poll_abandoned(q);
    buf_free(&q->body);
    buf_free(&q->answer);
    mem_free(q);
    p->request = NULL;
}

static void ask_to_write(struct request *q) {
    lws_set_timeout(q->pipe->wsi, PENDING_TIMEOUT_HTTP_CONTENT, BODY_SECONDS);
    lws_callback_on_writable(q->pipe->wsi);
}

void request_json(struct request *q, const char *body, size_t len) {
    q->held = NULL;
    http_json(&q->answer, body, len, q->keep);
    ask_to_write(q);
}

static void request_refuse(struct request *q, const problem *p, const char *more) {
    q->held = NULL;
    size_t body = http_problem(&q->answer, p, more, q->keep);
    if (q->head) q->answer.len -= body;
    ask_to_write(q);
}

void request_problem(struct request *q, const problem *p) {
    request_refuse(q, p, "");
}

void request_error(struct request *q, enum error code, const char *format, ...) {
    problem p;
    char detail[sizeof p.detail];
    va_list args;
    va_start(args, format);
    vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    problem_set(&p, code, "%s", detail);
    request_problem(q, &p);
}

static bool names_json(struct lws *wsi) {
    char *type = header_of(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE);
    if (type) type[strcspn(type, "; \t")] = '\0';
    bool json = type && strcasecmp(type, "application/json") == 0;
    mem_free(type);
    return json;
}

// A request without a length, or in chunks, has no body that libwebsockets could end.
static bool has_odd_body(struct lws *wsi) {
    bool post = lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0;
    return lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0 ||
           (post && lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH) <= 0);
}

static void judge_request(struct request *q, const struct route *route, struct lws *wsi) {
    if (q->why.code != ERROR_NONE) return;
    if (route->endpoint == ENDPOINT_WS) {
        problem_set(&q->why, ERROR_INVALID, "this address takes WebSocket upgrades only");
    } else if (q->credential.kind == CREDENTIAL_NONE || q->credential.kind == CREDENTIAL_BAD) {
        problem_set(&q->why, ERROR_UNAUTHENTICATED, NULL);
    } else if (!q->json) {
        problem_set(&q->why, ERROR_UNSUPPORTED_TYPE, NULL);
    } else if (has_odd_body(wsi)) {
        problem_set(&q->why, ERROR_MALFORMED, "a body comes with its Content-Length");
    }
}

static struct request *request_new(struct pipe *p, struct lws *wsi) {
    struct request *q = mem_alloc(sizeof *q);
    q->pipe = p;
    q->keep = true;
    q->more = "";
    q->head = lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0;
    q->json = names_json(wsi);
    read_credential(wsi, &q->credential);
    read_address(wsi, p->relay, q->address);
    buf_init(&q->body, (size_t)p->relay->cfg->body_max_bytes);
    buf_init(&q->answer, BUF_NO_LIMIT);
    p->request = q;
    return q;
}

static int on_request(struct lws *wsi, struct pipe *p) {
    request_free(p);
    struct request *q = request_new(p, wsi);
    const struct route *route = judge(wsi, p->relay, &q->credential, &q->why, &q->more);
    judge_request(q, route, wsi);
    int64_t len = body_length(wsi, (int64_t)DISCARD_BYTES);
    if (has_odd_body(wsi) || len < 0) {
        write_refusal(wsi, &q->why, q->more);
        return -1;
    }
    if (len > 0 || lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0)
        return 0; // judged when the body has come
    q->complete = true;
    request_refuse(q, &q->why, q->more);
    return 0;
}

static int on_body(struct pipe *p, const char *bytes, size_t len) {
    struct request *q = p->request;
    if (!q || q->complete) return -1;
    if (q->why.code == ERROR_NONE) buf_add(&q->body, bytes, len);
    return 0;
}

static int on_body_complete(struct pipe *p) {
    struct request *q = p->request;
    if (!q || q->complete) return -1; // bytes after the body, while it is held
    q->complete = true;
    lws_set_timeout(p->wsi, NO_PENDING_TIMEOUT, 0);
    if (q->why.code != ERROR_NONE) {
        request_refuse(q, &q->why, q->more);
    } else {
        poll_request(q);
    }
    return 0;
}

static int on_http_writable(struct lws *wsi, struct pipe *p) {
    struct request *q = p->request;
    if (!q || q->answer.len == 0 || q->written) return 0;
    int len = (int)(q->answer.len - HTTP_ROOM);
    q->written = true;
    if (lws_write(wsi, (unsigned char *)q->answer.data + HTTP_ROOM, (size_t)len, LWS_WRITE_HTTP_FINAL) < len)
        return -1;
    request_free(p);
    return lws_http_transaction_completed(wsi) ? -1 : 0;
}

// --- libwebsockets ------------------------------------------------------------------------------------------------

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
    struct relay *r = lws_context_user(lws_get_context(wsi));
    struct pipe *p = user;
    if (reason == LWS_CALLBACK_HTTP_CONFIRM_UPGRADE) return on_confirm_upgrade(wsi, r);
    if (reason == LWS_CALLBACK_RAW_ADOPT || reason == LWS_CALLBACK_RAW_RX) return -1;
    if (reason == LWS_CALLBACK_RAW_RX_FILE) acceptor_take(wsi);
    if (reason == LWS_CALLBACK_TIMER) acceptor_go_on(wsi);
    if (!p) return 0; // about the context, or a connection that has said nothing
    if (!p->relay) {
        p->relay = r;
        p->wsi = wsi;
    }
    switch ((int)reason) {
    case LWS_CALLBACK_HTTP:
        return on_request(wsi, p);
    case LWS_CALLBACK_HTTP_BODY:
        return on_body(p, in, len);
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return on_body_complete(p);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return on_http_writable(wsi, p);
    case LWS_CALLBACK_CLOSED_HTTP:
        request_free(p);
        return 0;
    case LWS_CALLBACK_ESTABLISHED:
        return on_established(wsi, p);
    case LWS_CALLBACK_RECEIVE:
        return socket_received(p, in, len);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        p->socket.said_close = true;
        return 0;
    case LWS_CALLBACK_RECEIVE_PONG:
        socket_heard(p);
        return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return socket_writable(p);
    case LWS_CALLBACK_CLOSED:
        socket_closed(p);
        return 0;
    default:
        return 0;
    }
}

static const struct lws_protocols PROTOCOLS[] = {
    {.name = SUBPROTOCOL,
     .callback = on_event,
     .per_session_data_size = sizeof(struct pipe),
     .rx_buffer_size = 1024},
    {.name = NULL},
};

// No beats by libwebsockets: it keeps such timers in a sorted list.
static const lws_retry_bo_t NO_BEATS = {.secs_since_valid_ping = 0, .secs_since_valid_hangup = 0};

static void on_lws_log(int level, const char *line) {
    int len = (int)strcspn(line, "\n");
    log_at(level & (LLL_ERR | LLL_WARN) ? LEVEL_WARN : LEVEL_DEBUG, NULL, "lws: %.*s", len, line);
}

// As many open files as the system lets us have; returns how many.
static size_t raise_open_files(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) log_warn(NULL, "setrlimit: %s", strerror(errno));
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? (size_t)limit.rlim_cur : 1024;
}

static size_t sessions_allowed(const struct relay *r, size_t files) {
    size_t room = files > SPARE_FILES ? files - SPARE_FILES : 1;
    size_t wanted = (size_t)r->cfg->sessions_max;
    return wanted > 0 && wanted < room ? wanted : room;
}

static struct lws_context *make_context(struct relay *r) {
    void *loops[] = {r->loop};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .protocols = PROTOCOLS,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_DISABLE_IPV6,
        .foreign_loops = loops,
        .gid = -1,
        .uid = -1,
        .user = r,
        .pt_serv_buf_size = 32 * 1024,
        .max_http_header_data2 = HEADER_BYTES,
        .max_http_header_pool2 = 20000,
        .timeout_secs = BODY_SECONDS,
        .timeout_secs_ah_idle = BODY_SECONDS,
        .keepalive_timeout = 60,
        .retry_and_idle_policy = &NO_BEATS,
        .vhost_name = VHOST,
    };
    return lws_create_context(&info);
}

bool transports_start(struct relay *r) {
    size_t files = raise_open_files();
    lws_set_log_level(LLL_ERR | LLL_WARN | LLL_NOTICE, on_lws_log);
    r->transports = mem_alloc(sizeof *r->transports);
    r->transports->sessions_max = sessions_allowed(r, files);
    buf_init(&r->transports->frame, BUF_NO_LIMIT);
    r->web = make_context(r);
    if (!r->web) return false;
    socket_start(r);
    return acceptor_start(r, lws_get_vhost_by_name(r->web, VHOST));
}

void transports_close_door(struct relay *r) {
    unlink(r->socket);
}

void transports_stop(struct relay *r) {
    poll_stop(r);
    socket_stop(r);
    lws_context_destroy(r->web);
    r->web = NULL;
}
