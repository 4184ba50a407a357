// SPDX-License-Identifier: Apache-2.0
#include "farm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define READ_CHUNK 65536

_Noreturn void die(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("load: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    exit(1);
}

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

// --- wires --------------------------------------------------------------------------------------------------------

void bytes_reserve(char **data, size_t *cap, size_t need) {
    if (need <= *cap) return;
    size_t size = *cap ? *cap : 512;
    while (size < need)
        size *= 2;
    *data = realloc(*data, size);
    if (!*data) die("out of memory");
    *cap = size;
}

static void want(farm *f, wire *w, uint32_t events) {
    struct epoll_event e = {.events = events, .data.u32 = w->number};
    if (epoll_ctl(f->epoll, EPOLL_CTL_MOD, w->fd, &e) < 0) die("epoll_ctl: %s", strerror(errno));
}

void wire_write(farm *f, wire *w, const char *data, size_t len) {
    size_t done = 0;
    if (w->out_len == 0) {
        const ssize_t n = send(w->fd, data, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EPIPE && f->calls->lost) return; // reading will tell
        if (n < 0 && errno != EAGAIN) die("client %u: send: %s", w->number / WIRES, strerror(errno));
        done = n < 0 ? 0 : (size_t)n;
    }
    if (done == len) return;
    bytes_reserve(&w->out, &w->out_cap, w->out_len + len - done);
    memcpy(w->out + w->out_len, data + done, len - done);
    w->out_len += len - done;
    want(f, w, EPOLLIN | EPOLLOUT);
}

static void write_rest(farm *f, wire *w) {
    const ssize_t n = send(w->fd, w->out, w->out_len, MSG_NOSIGNAL);
    if (n < 0) return;
    w->out_len -= (size_t)n;
    memmove(w->out, w->out + n, w->out_len);
    if (w->out_len == 0) want(f, w, EPOLLIN);
}

static void wire_open(farm *f, wire *w, const char *path) {
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof where.sun_path) die("socket path too long: %s", path);
    strcpy(where.sun_path, path);
    w->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (w->fd < 0) die("socket: %s (open files: see ulimit -n)", strerror(errno));
    if (connect(w->fd, (struct sockaddr *)&where, sizeof where) < 0)
        die("connect to %s: %s", path, strerror(errno));
    if (fcntl(w->fd, F_SETFL, O_NONBLOCK) < 0) die("fcntl: %s", strerror(errno));
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = w->number};
    if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, w->fd, &e) < 0) die("epoll_ctl: %s", strerror(errno));
}

static void wire_close(wire *w) {
    if (w->fd >= 0) close(w->fd);
    w->fd = -1;
    w->in_len = w->out_len = 0;
    w->busy = false;
}

static void take_input(farm *f, client *c, wire *w) {
    size_t at = 0;
    for (size_t n = 1; n > 0 && at < w->in_len && c->state != CLIENT_CLOSED; at += n)
        n = f->transport->take(f, c, w, w->in + at, w->in_len - at);
    w->in_len -= at;
    memmove(w->in, w->in + at, w->in_len);
    if (w->in_len == 0 && w->in_cap > 4096) {
        free(w->in);
        w->in = NULL;
        w->in_cap = 0;
    }
}

static void client_lost(farm *f, client *c) {
    for (size_t k = 0; k < WIRES; k++)
        wire_close(&c->wires[k]);
    if (c->state == CLIENT_READY) f->ready--;
    c->state = CLIENT_CLOSED;
    f->calls->lost(f, c, c->asked_ms);
    c->asked_ms = 0;
}

static void read_input(farm *f, client *c, wire *w) {
    static char chunk[READ_CHUNK];
    const ssize_t n = recv(w->fd, chunk, sizeof chunk, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        if (f->calls->lost) {
            client_lost(f, c);
            return;
        }
        if (c->state != CLIENT_CLOSED)
            die("client %u: connection lost: %s", c->number, n < 0 ? strerror(errno) : "closed");
        wire_close(w);
        return;
    }
    bytes_reserve(&w->in, &w->in_cap, w->in_len + (size_t)n);
    memcpy(w->in + w->in_len, chunk, (size_t)n);
    w->in_len += (size_t)n;
    take_input(f, c, w);
}

// --- clients ------------------------------------------------------------------------------------------------------

void client_send(farm *f, client *c, uint64_t when) {
    char body[CLIENT_BODY + 1];
    char text[CLIENT_TEXT];
    memset(body, 'x', CLIENT_BODY);
    body[CLIENT_BODY] = 0;
    const int stamp = snprintf(body, sizeof body, "@%020llu ", (unsigned long long)when);
    body[stamp] = 'x';
    const unsigned long long ref = (unsigned long long)c->refs++;
    const int len = snprintf(
        text, sizeof text,
        "{\"type\":\"send\",\"ref\":\"%08x-%04x-4000-8000-%012llx\",\"conversation\":\"%s\",\"body\":\"%s\"}",
        c->number, (unsigned)getpid() & 0xffff, ref, c->conversation, body);
    c->waiting++;
    f->transport->command(f, c, text, (size_t)len);
}

void client_places(client *c, char *list) {
    char members[CLIENT_TEXT / 2];
    size_t len = 0;
    c->conversation = strsep(&list, ",");
    for (const char *id; (id = strsep(&list, ",")) != NULL && len < sizeof members - 32;)
        len += (size_t)snprintf(members + len, sizeof members - len, ",\"%s\":0", id);
    members[len] = '\0';
    c->others = strdup(members);
}

void client_hello(farm *f, client *c) {
    char text[CLIENT_TEXT];
    char held[CLIENT_TEXT - 256] = "";
    if (*c->epoch)
        snprintf(held, sizeof held, ",\"epoch\":\"%s\",\"account_mod\":%llu,\"resume\":{\"%s\":%llu%s}",
                 c->epoch, (unsigned long long)c->account_mod, c->conversation, (unsigned long long)c->mod,
                 c->others);
    const int len = snprintf(text, sizeof text, "{\"type\":\"hello\",\"token\":\"%s\",\"client\":\"load\"%s}",
                             c->token, held);
    c->state = CLIENT_GREETING;
    f->transport->command(f, c, text, (size_t)len);
}

// The number behind `"name":`, 0 where there is none.
static uint64_t number_of(const char *event, size_t len, const char *name) {
    const char *at = memmem(event, len, name, strlen(name));
    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static void take_welcome(client *c, const char *event, size_t len) {
    static const char key[] = "\"epoch\":\"";
    const char *epoch = memmem(event, len, key, sizeof key - 1);
    if (!epoch || sscanf(epoch + sizeof key - 1, "%63[^\"]", c->epoch) != 1)
        die("client %u: a welcome without epoch", c->number);
    c->account_mod = number_of(event, len, "\"account_mod\":");
}

static void take_message(farm *f, client *c, const char *event, size_t len) {
    const char *stamp = memmem(event, len, "\"body\":\"@", 9);
    c->mod = number_of(event, len, "\"mod\":");
    f->calls->message(f, c, stamp ? strtoull(stamp + 9, NULL, 10) : 0);
}

// One event: an object at the top level of the array.
static void take_event(farm *f, client *c, const char *event, size_t len) {
    static const char key[] = "\"type\":\"";
    const char *type = memmem(event, len, key, sizeof key - 1);
    if (!type) die("client %u: an event without type: %.*s", c->number, (int)len, event);
    type += sizeof key - 1;
    if (strncmp(type, "message\"", 8) == 0) {
        take_message(f, c, event, len);
    } else if (strncmp(type, "sent\"", 5) == 0) {
        c->waiting--;
        f->calls->sent(f, c);
    } else if (strncmp(type, "failed\"", 7) == 0) {
        c->waiting--;
        f->calls->failed(f, c, event, len);
    } else if (strncmp(type, "welcome\"", 8) == 0) {
        take_welcome(c, event, len);
    } else if (strncmp(type, "ready\"", 6) == 0 && c->state == CLIENT_GREETING) {
        c->state = CLIENT_READY;
        f->ready++;
        f->calls->ready(f, c);
    } else if (strncmp(type, "bye\"", 4) == 0 && f->calls->lost) {
        c->asked_ms = number_of(event, len, "\"reconnect_ms\":");
    } else if (strncmp(type, "behind\"", 7) == 0 || strncmp(type, "bye\"", 4) == 0 ||
               strncmp(type, "reset\"", 6) == 0) {
        die("client %u: %.*s", c->number, (int)len, event);
    }
}

// Walks the array `[{…},{…}]`.
void client_events(farm *f, client *c, const char *text, size_t len) {
    unsigned depth = 0;
    bool quoted = false;
    size_t start = 0;
    for (size_t i = 1; i + 1 < len; i++) {
        const char byte = text[i];
        if (quoted) {
            if (byte == '\\')
                i++;
            else if (byte == '"')
                quoted = false;
        } else if (byte == '"') {
            quoted = true;
        } else if (byte == '{') {
            if (depth++ == 0) start = i;
        } else if (byte == '}' && --depth == 0) {
            take_event(f, c, text + start, i + 1 - start);
        }
    }
}

// --- the farm -----------------------------------------------------------------------------------------------------

void farm_init(farm *f, size_t count, const transport *t, const farm_calls *calls, void *user) {
    *f = (farm){
        .epoll = epoll_create1(EPOLL_CLOEXEC), .count = count, .transport = t, .calls = calls, .user = user};
    f->clients = calloc(count, sizeof *f->clients);
    if (f->epoll < 0 || !f->clients) die("no room for %zu clients", count);
    for (uint32_t i = 0; i < count; i++) {
        f->clients[i].number = i;
        for (uint32_t k = 0; k < WIRES; k++)
            f->clients[i].wires[k] = (wire){.fd = -1, .number = i * WIRES + k};
    }
}

void farm_connect(farm *f, size_t i, const char *path) {
    client *c = &f->clients[i];
    wire_open(f, &c->wires[0], path);
    if (f->transport == &transport_poll) wire_open(f, &c->wires[1], path);
    c->state = CLIENT_CONNECTING;
    f->transport->begin(f, c);
}

void farm_drop(farm *f) {
    for (size_t i = 0; i < f->count; i++) {
        for (size_t k = 0; k < WIRES; k++)
            wire_close(&f->clients[i].wires[k]);
    }
    f->ready = 0;
}

void farm_turn(farm *f, int ms) {
    struct epoll_event events[512];
    const int n = epoll_wait(f->epoll, events, 512, ms);
    for (int i = 0; i < n; i++) {
        client *c = &f->clients[events[i].data.u32 / WIRES];
        wire *w = &c->wires[events[i].data.u32 % WIRES];
        if (w->fd >= 0 && events[i].events & EPOLLOUT) write_rest(f, w);
        if (w->fd >= 0 && events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_input(f, c, w);
    }
}
