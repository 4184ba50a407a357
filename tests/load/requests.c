// SPDX-License-Identifier: Apache-2.0
#include "requests.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answer.h"
#include "farm.h"
#include "histogram.h"

#define HISTORY_DEPTH 100000
#define PAGE 50

typedef struct reader reader;

// One kind of request.
typedef struct kind {
    const char *name;
    int (*path)(char *out, size_t room, const reader *r);
    const char *key; // the answer has it so often; 0 = once or more
    size_t times;
} kind;

// One kept connection; it asks for one answer after another.
struct reader {
    const kind *what;
    int fd;
    const char *token;
    const char *conversation;
    uint64_t asked;
    char *in;
    size_t in_len, in_cap;
};

static int history_path(char *out, size_t room, const reader *r) {
    const int before = PAGE + 1 + (int)(random() % (HISTORY_DEPTH - PAGE));
    return snprintf(out, room, "history/%s?before=%d&limit=%d", r->conversation, before, PAGE);
}

static int list_path(char *out, size_t room, const reader *r) {
    (void)r;
    return snprintf(out, room, "conversations");
}

static int account_path(char *out, size_t room, const reader *r) {
    (void)r;
    return snprintf(out, room, "me");
}

static const kind kinds[] = {
    {"history", history_path, "\"seq\":", PAGE},
    {"list", list_path, "\"unread\":", 0},
    {"account", account_path, "\"login\":", 1},
};

static const kind *kind_named(const char *name) {
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kinds[i].name, name) == 0) return &kinds[i];
    }
    return NULL;
}

bool requests_known(const char *what) {
    return kind_named(what) != NULL;
}

static void ask(reader *r) {
    char path[256], request[512];
    r->what->path(path, sizeof path, r);
    const int len = snprintf(request, sizeof request,
                             "GET /api/%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
                             path, r->token);
    r->asked = now_ns();
    if (send(r->fd, request, (size_t)len, MSG_NOSIGNAL) != len) die("send: %s", strerror(errno));
}

static void reader_open(reader *r, int epoll, int port) {
    const int one = 1;
    const struct sockaddr_in where = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = r};
    r->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (r->fd < 0 || connect(r->fd, (const struct sockaddr *)&where, sizeof where) < 0 ||
        setsockopt(r->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, r->fd, &e) < 0)
        die("port %d: %s", port, strerror(errno));
}

// An answer must be whole.
static void check(const kind *what, const answer *a) {
    const size_t key = strlen(what->key);
    size_t found = 0;
    for (const char *at = a->body; (at = memmem(at, (size_t)(a->body + a->body_len - at), what->key, key));)
        found++, at += key;
    if (a->status != 200 || found == 0 || (what->times && found != what->times))
        die("status %d, %zu times %s: %.*s", a->status, found, what->key,
            (int)(a->body_len < 400 ? a->body_len : 400), a->body);
}

// Reads what has come; true when an answer is whole.
static int take(reader *r) {
    answer a;
    bytes_reserve(&r->in, &r->in_cap, r->in_len + 65536);
    const ssize_t n = recv(r->fd, r->in + r->in_len, 65536, 0);
    if (n <= 0) die("connection lost: %s", n < 0 ? strerror(errno) : "closed");
    r->in_len += (size_t)n;
    const size_t len = answer_read(r->in, r->in_len, &a);
    if (len == 0) return 0;
    check(r->what, &a);
    r->in_len = 0;
    return 1;
}

int requests_run(const char *what, int port, char **tokens, char **conversations, size_t people,
                 double seconds, size_t connections) {
    static histogram latency;
    struct epoll_event events[64];
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    reader *readers = calloc(connections, sizeof *readers);
    if (!readers || epoll < 0) die("no room for %zu connections", connections);
    for (size_t i = 0; i < connections; i++) {
        readers[i].what = kind_named(what);
        readers[i].token = tokens[i % people];
        readers[i].conversation = conversations[i % people];
        reader_open(&readers[i], epoll, port);
    }
    printf("ready\n");
    fflush(stdout);
    const uint64_t end = now_ns() + (uint64_t)(seconds * 1e9);
    for (size_t i = 0; i < connections; i++)
        ask(&readers[i]);
    while (now_ns() < end) {
        const int n = epoll_wait(epoll, events, 64, 100);
        for (int i = 0; i < n; i++) {
            reader *r = events[i].data.ptr;
            if (!take(r)) continue;
            histogram_add(&latency, now_ns() - r->asked);
            ask(r);
        }
    }
    printf("done\n{\"scenario\":\"%s\",\"clients\":%zu,\"seconds\":%.1f,\"acked\":0,\"failed\":0,"
           "\"whole\":true,"
           "\"requests_per_second\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f}\n",
           what, connections, seconds, (double)latency.count / seconds,
           (double)histogram_at(&latency, 50) / 1e6, (double)histogram_at(&latency, 99) / 1e6,
           (double)latency.max_ns / 1e6);
    return 0;
}
