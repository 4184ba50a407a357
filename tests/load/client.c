// SPDX-License-Identifier: Apache-2.0
// Client frames are masked with zeros (a legal mask), so that masking costs nothing and what is sent can be read in a trace.

#include "client.h"

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

static void reserve(char **data, size_t *cap, size_t need) {
    if (need <= *cap) return;
    size_t size = *cap ? *cap : 512;
    while (size < need)
        size *= 2;
    *data = realloc(*data, size);
    if (!*data) die("out of memory");
    *cap = size;
}

static void want(farm *f, client *c, uint32_t events) {
    struct epoll_event e = {.events = events, .data.u32 = c->number};
    if (epoll_ctl(f->epoll, EPOLL_CTL_MOD, c->fd, &e) < 0) die("epoll_ctl: %s", strerror(errno));
}

static void write_raw(farm *f, client *c, const char *data, size_t len) {
    size_t done = 0;
    if (c->out_len == 0) {
        const ssize_t n = send(c->fd, data, len, MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) die("client %u: send: %s", c->number, strerror(errno));
        done = n < 0 ? 0 : (size_t)n;
    }
    if (done == len) return;
    reserve(&c->out, &c->out_cap, c->out_len + len - done);
    memcpy(c->out + c->out_len, data + done, len - done);
    c->out_len += len - done;
    want(f, c, EPOLLIN | EPOLLOUT);
}

static void write_rest(farm *f, client *c) {
    const ssize_t n = send(c->fd, c->out, c->out_len, MSG_NOSIGNAL);
    if (n < 0) return;
    c->out_len -= (size_t)n;
    memmove(c->out, c->out + n, c->out_len);
    if (c->out_len == 0) want(f, c, EPOLLIN);
}

// A masked frame: RFC 6455, section 5.2; 0x1 text, 0xA pong.
static void write_frame(farm *f, client *c, unsigned opcode, const char *text, size_t len) {
    char frame[1024];
    size_t head = 2;
    if (len + 8 > sizeof frame) die("frame of %zu bytes", len);
    frame[0] = (char)(0x80 | opcode);
    if (len < 126) {
        frame[1] = (char)(0x80 | len);
    } else {
        frame[1] = (char)(0x80 | 126);
        frame[2] = (char)(len >> 8);
        frame[3] = (char)(len & 255);
        head = 4;
    }
    memset(frame + head, 0, 4);
    memcpy(frame + head + 4, text, len);
    write_raw(f, c, frame, head + 4 + len);
}

void farm_init(farm *f, size_t count, const farm_calls *calls, void *user) {
    *f = (farm){.epoll = epoll_create1(EPOLL_CLOEXEC), .count = count, .calls = calls, .user = user};
    f->clients = calloc(count, sizeof *f->clients);
    if (f->epoll < 0 || !f->clients) die("no room for %zu clients", count);
    for (size_t i = 0; i < count; i++)
        f->clients[i].number = (uint32_t)i;
}

void farm_connect(farm *f, size_t i, const char *path) {
    client *c = &f->clients[i];
    struct sockaddr_un where = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof where.sun_path) die("socket path too long: %s", path);
    strcpy(where.sun_path, path);
    c->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) die("socket: %s (open files: see ulimit -n)", strerror(errno));
    if (connect(c->fd, (struct sockaddr *)&where, sizeof where) < 0)
        die("connect to %s: %s", path, strerror(errno));
    if (fcntl(c->fd, F_SETFL, O_NONBLOCK) < 0) die("fcntl: %s", strerror(errno));
    struct epoll_event e = {.events = EPOLLIN, .data.u32 = c->number};
    if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, c->fd, &e) < 0) die("epoll_ctl: %s", strerror(errno));
    static const char upgrade[] =
        "GET /live/ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: parley.v1\r\n\r\n";
    write_raw(f, c, upgrade, sizeof upgrade - 1);
    c->state = CLIENT_CONNECTING;
}

void client_send(farm *f, client *c, uint64_t when) {
    char body[CLIENT_BODY + 1];
    char text[512];
    memset(body, 'x', CLIENT_BODY);
    body[CLIENT_BODY] = 0;
    const int stamp = snprintf(body, sizeof body, "@%020llu ", (unsigned long long)when);
    body[stamp] = 'x';
    const unsigned long long ref = (unsigned long long)c->refs++;
    const int len = snprintf(
        text, sizeof text,
        "{\"type\":\"send\",\"ref\":\"%08x-0000-4000-8000-%012llx\",\"conversation\":\"%s\",\"body\":\"%s\"}",
        c->number, ref, c->conversation, body);
    c->waiting++;
    write_frame(f, c, 1, text, (size_t)len);
}

static void say_hello(farm *f, client *c) {
    char text[256];
    const int len =
        snprintf(text, sizeof text, "{\"type\":\"hello\",\"token\":\"%s\",\"client\":\"load\"}", c->token);
    write_frame(f, c, 1, text, (size_t)len);
    c->state = CLIENT_GREETING;
}

// One event: an object at the top level of a frame's array.
static void take_event(farm *f, client *c, const char *event, size_t len) {
    static const char key[] = "\"type\":\"";
    const char *type = memmem(event, len, key, sizeof key - 1);
    if (!type) die("client %u: an event without type: %.*s", c->number, (int)len, event);
    type += sizeof key - 1;
    if (strncmp(type, "message\"", 8) == 0) {
        const char *stamp = memmem(event, len, "\"body\":\"@", 9);
        f->calls->message(f, c, stamp ? strtoull(stamp + 9, NULL, 10) : 0);
    } else if (strncmp(type, "sent\"", 5) == 0) {
        c->waiting--;
        f->calls->sent(f, c);
    } else if (strncmp(type, "failed\"", 7) == 0) {
        c->waiting--;
        f->calls->failed(f, c, event, len);
    } else if (strncmp(type, "ready\"", 6) == 0 && c->state == CLIENT_GREETING) {
        c->state = CLIENT_READY;
        f->ready++;
        f->calls->ready(f, c);
    } else if (strncmp(type, "behind\"", 7) == 0 || strncmp(type, "bye\"", 4) == 0) {
        die("client %u: %.*s", c->number, (int)len, event);
    }
}

// Walks the array `[{…},{…}]`, which holds no brace or quote inside of our own texts that is not JSON's.
static void take_events(farm *f, client *c, const char *text, size_t len) {
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

// One whole frame at the beginning of `in`: its length, or 0 when more must come.
static size_t take_frame(farm *f, client *c, char *in, size_t have) {
    size_t head = 2;
    if (have < head) return 0;
    size_t len = (unsigned char)in[1] & 127;
    if (len == 126)
        head = 4;
    else if (len == 127)
        head = 10;
    if (have < head) return 0;
    if (head > 2) {
        len = 0;
        for (size_t i = 2; i < head; i++)
            len = len << 8 | (unsigned char)in[i];
    }
    if (have < head + len) return 0;
    switch (in[0] & 15) {
    case 1:
        take_events(f, c, in + head, len);
        break;
    case 8:
        c->state = CLIENT_CLOSED;
        f->closed++;
        break;
    case 9:
        write_frame(f, c, 10, in + head, len);
        break;
    default:
        die("client %u: frame of opcode %d", c->number, in[0] & 15);
    }
    return head + len;
}

static size_t take_upgrade(farm *f, client *c) {
    const char *end = memmem(c->in, c->in_len, "\r\n\r\n", 4);
    if (!end) return 0;
    if (c->in_len < 12 || memcmp(c->in + 9, "101", 3) != 0)
        die("client %u: no upgrade: %.*s", c->number, (int)c->in_len, c->in);
    say_hello(f, c);
    return (size_t)(end - c->in) + 4;
}

static void take_input(farm *f, client *c) {
    size_t at = 0;
    for (size_t n = 1; n > 0 && at < c->in_len && c->state != CLIENT_CLOSED; at += n)
        n = c->state == CLIENT_CONNECTING ? take_upgrade(f, c) : take_frame(f, c, c->in + at, c->in_len - at);
    c->in_len -= at;
    memmove(c->in, c->in + at, c->in_len);
    if (c->in_len == 0 && c->in_cap > 4096) {
        free(c->in);
        c->in = NULL;
        c->in_cap = 0;
    }
}

static void read_input(farm *f, client *c) {
    static char chunk[READ_CHUNK];
    const ssize_t n = recv(c->fd, chunk, sizeof chunk, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        if (c->state != CLIENT_CLOSED)
            die("client %u: connection lost: %s", c->number, n < 0 ? strerror(errno) : "closed");
        close(c->fd);
        return;
    }
    reserve(&c->in, &c->in_cap, c->in_len + (size_t)n);
    memcpy(c->in + c->in_len, chunk, (size_t)n);
    c->in_len += (size_t)n;
    take_input(f, c);
}

void farm_turn(farm *f, int ms) {
    struct epoll_event events[512];
    const int n = epoll_wait(f->epoll, events, 512, ms);
    for (int i = 0; i < n; i++) {
        client *c = &f->clients[events[i].data.u32];
        if (events[i].events & EPOLLOUT) write_rest(f, c);
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_input(f, c);
    }
}
