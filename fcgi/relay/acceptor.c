// SPDX-License-Identifier: Apache-2.0
// The relay's unix socket; see acceptor.h.
#include "relay/acceptor.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/log.h"
#include "relay/relay.h"

#define BURST 32     // connections accepted a turn of the loop
#define BACKLOG 4096 // that may wait in the kernel, which allows no more than net.core.somaxconn
#define PAUSE_MS 100 // after the system had no descriptor or no memory for one

void acceptor_take(struct lws *wsi) {
    int listening = (int)lws_get_socket_fd(wsi);
    for (int i = 0; i < BURST; i++) {
        int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (fd >= 0) {
            lws_adopt_socket_vhost(lws_get_vhost(wsi), fd); // closes what it refuses
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            log_warn(NULL, "accept: %s", strerror(errno));
            lws_rx_flow_control(wsi, 0);
            lws_set_timer_usecs(wsi, PAUSE_MS * LWS_US_PER_MS);
            return;
        }
    }
}

void acceptor_go_on(struct lws *wsi) {
    lws_rx_flow_control(wsi, 1);
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

bool acceptor_start(struct relay *r, struct lws_vhost *vhost) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(r->socket) >= sizeof address.sun_path) {
        log_error(NULL, "the socket's path is too long: %s", r->socket);
        return false;
    }
    snprintf(address.sun_path, sizeof address.sun_path, "%s", r->socket);
    if (taken(&address)) {
        log_error(NULL, "another process listens on %s", r->socket);
        return false;
    }
    int fd = listen_on(&address);
    lws_sock_file_fd_type listening = {.filefd = fd};
    if (fd >= 0 && lws_adopt_descriptor_vhost(vhost, LWS_ADOPT_RAW_FILE_DESC, listening, NULL, NULL))
        return true;
    log_error(NULL, "cannot listen on %s: %s", r->socket, strerror(errno));
    return false;
}
