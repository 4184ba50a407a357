// SPDX-License-Identifier: Apache-2.0
// The relay's unix socket; see acceptor.h.
#include "relay/acceptor.h"

#include <errno.h>
#include <libwebsockets.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "relay/relay.h"

#define BURST 32     // connections accepted a turn of the loop
#define BACKLOG 4096 // that may wait in the kernel, which allows no more than net.core.somaxconn
#define PAUSE_MS 100 // after the system had no descriptor or no memory for one

struct acceptor {
    struct lws_vhost *vhost;
    int fd;
    uv_poll_t poll;
    uv_timer_t pause;
    int handles; // not closed yet
};

static void go_on(uv_timer_t *pause);

static void on_readable(uv_poll_t *poll, int status, int events) {
    struct acceptor *a = poll->data;
    (void)status;
    (void)events;
    for (int i = 0; i < BURST; i++) {
        int fd = accept4(a->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            lws_adopt_socket_vhost(a->vhost, fd); // closes what it refuses
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            log_warn(NULL, "accept: %s", strerror(errno));
            uv_poll_stop(poll);
            uv_timer_start(&a->pause, go_on, PAUSE_MS, 0);
            return;
        }
    }
}

static void go_on(uv_timer_t *pause) {
    struct acceptor *a = pause->data;
    uv_poll_start(&a->poll, UV_READABLE, on_readable);
}

// Somebody listens there already? Then starting would take it from them.
static bool taken(const struct sockaddr_un *address) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    bool taken = connect(fd, (const struct sockaddr *)address, sizeof *address) == 0;
    close(fd);
    return taken;
}

// The listening descriptor; -1 with errno.
static int listen_on(const struct sockaddr_un *address) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -1;
    unlink(address->sun_path);
    mode_t old = umask(0117);
    bool bound = bind(fd, (const struct sockaddr *)address, sizeof *address) == 0;
    umask(old);
    if (bound && listen(fd, BACKLOG) == 0) return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

struct acceptor *acceptor_start(struct relay *r, struct lws_vhost *vhost) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(r->socket) >= sizeof address.sun_path) {
        log_error(NULL, "the socket's path is too long: %s", r->socket);
        return NULL;
    }
    snprintf(address.sun_path, sizeof address.sun_path, "%s", r->socket);
    if (taken(&address)) {
        log_error(NULL, "another process listens on %s", r->socket);
        return NULL;
    }
    int fd = listen_on(&address);
    if (fd < 0) {
        log_error(NULL, "cannot listen on %s: %s", r->socket, strerror(errno));
        return NULL;
    }
    struct acceptor *a = mem_alloc(sizeof *a);
    *a = (struct acceptor){.vhost = vhost, .fd = fd, .handles = 2};
    uv_poll_init(r->loop, &a->poll, fd);
    uv_timer_init(r->loop, &a->pause);
    a->poll.data = a->pause.data = a;
    uv_poll_start(&a->poll, UV_READABLE, on_readable);
    return a;
}

static void closed(uv_handle_t *handle) {
    struct acceptor *a = handle->data;
    if (--a->handles > 0) return;
    close(a->fd);
    mem_free(a);
}

void acceptor_stop(struct acceptor *a) {
    if (!a) return;
    uv_close((uv_handle_t *)&a->poll, closed);
    uv_close((uv_handle_t *)&a->pause, closed);
}
