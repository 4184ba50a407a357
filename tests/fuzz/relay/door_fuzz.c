// SPDX-License-Identifier: Apache-2.0
// Bytes at the relay's door, through libwebsockets. The first byte chooses what stands before the rest: nothing, the head of
// a poll (the rest is its body), or an upgrade (the rest are frames). Whatever is answered is one of the documented
// statuses, below 500; then the next comes to a door that is still open.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "stage.h"

#define TURNS 4 // of the loop for each piece

static char path[64];

static const char UPGRADE[] =
    "GET /live/ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
static const char POLL[] = "POST /live/poll HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                           "Authorization: Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\r\n"
                           "Content-Length: %zu\r\n\r\n";

static void leave(void) {
    unlink(path);
}

static void turn(void) {
    for (int i = 0; i < TURNS; i++)
        uv_run(&loop, UV_RUN_NOWAIT);
}

static int knock(void) {
    struct sockaddr_un there = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(there.sun_path, sizeof there.sun_path, "%s", path);
    assert(fd >= 0 && connect(fd, (struct sockaddr *)&there, sizeof there) == 0);
    return fd;
}

static void say(int fd, const void *bytes, size_t len) {
    if (len > 0) send(fd, bytes, len, MSG_NOSIGNAL);
    turn();
}

static void look(int fd) {
    char answer[32] = "";
    int status;
    if (recv(fd, answer, sizeof answer - 1, 0) < 12 || answer[0] != 'H') return;
    assert(sscanf(answer, "HTTP/1.%*1[01] %d ", &status) == 1 &&
           (status == 101 || (status >= 200 && status < 500)));
}

static void begin(int fd, uint8_t kind, size_t size) {
    char head[400];
    if (kind % 3 == 1) say(fd, UPGRADE, sizeof UPGRADE - 1);
    if (kind % 3 == 2) say(fd, head, (size_t)snprintf(head, sizeof head, POLL, size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    if (!relay.loop) {
        snprintf(path, sizeof path, "/tmp/parley-fuzz-%d.sock", (int)getpid());
        leave();
        atexit(leave);
        relay_up(path);
        assert(transports_start(&relay));
    }
    int fd = knock();
    begin(fd, data[0], size - 1);
    say(fd, data + 1, size / 2);
    say(fd, data + 1 + size / 2, size - 1 - size / 2);
    look(fd);
    close(fd);
    turn();
    return 0;
}
