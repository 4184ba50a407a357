// SPDX-License-Identifier: Apache-2.0
// Prefork. See prefork.h.
// Signals: the parent waits for them with sigtimedwait; a worker has SIGTERM blocked but for its wait for a
// connection (prefork_wait), so a request is never interrupted.
#include "web/prefork.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"

#define BACKLOG 511
#define STOP_MS 15000
#define SHORT_LIFE_MS 1000
#define PAUSE_FIRST_MS 100
#define PAUSE_MAX_MS 5000

typedef struct slot {
    pid_t pid; // 0 = none
    int64_t started;
    int64_t start_at; // not before this
    int64_t pause_ms;
} slot;

static volatile sig_atomic_t stopping;

static void on_stop(int signal_number) {
    (void)signal_number;
    stopping = 1;
}

// --- the socket ---

static int fail(int file, const char *path) {
    log_error(NULL, "socket %s: %s", path, strerror(errno));
    if (file >= 0) close(file);
    return -1;
}

int prefork_listen(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int len = snprintf(address.sun_path, sizeof address.sun_path, "%s.new", path);
    if (len < 0 || (size_t)len >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return fail(-1, path);
    }
    int file = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (file < 0) return fail(file, path);
    unlink(address.sun_path);
    mode_t before = umask(0117); // 0660 from the first moment
    int bound = bind(file, (struct sockaddr *)&address, sizeof address);
    umask(before);
    if (bound != 0 || listen(file, BACKLOG) != 0 || rename(address.sun_path, path) != 0)
        return fail(file, path);
    return file;
}

// Once told to leave, a worker still takes what was connected before the socket's name went away.
bool prefork_wait(int listener) {
    struct pollfd socket = {.fd = listener, .events = POLLIN};
    sigset_t none;
    sigemptyset(&none);
    if (!stopping && ppoll(&socket, 1, NULL, &none) > 0) return true;
    return !stopping || poll(&socket, 1, 0) > 0;
}

// --- workers ---

static void block_signals(void) {
    sigset_t all;
    sigemptyset(&all);
    sigaddset(&all, SIGTERM);
    sigaddset(&all, SIGINT);
    sigaddset(&all, SIGCHLD);
    sigprocmask(SIG_BLOCK, &all, NULL);
}

// What a worker is before its work: it leaves when told to or when its parent is gone.
static void become_worker(pid_t parent) {
    struct sigaction action = {.sa_handler = on_stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) stopping = 1;
}

static void start_worker(slot *s, int (*work)(void *), void *arg) {
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        become_worker(parent);
        exit(work(arg));
    }
    s->started = clock_ms();
    s->start_at = s->started + PAUSE_MAX_MS;
    if (pid > 0)
        s->pid = pid;
    else
        log_error(NULL, "fork: %s", strerror(errno));
}

static void log_end(pid_t pid, int status) {
    if (WIFSIGNALED(status))
        log_error(NULL, "worker %d died: signal %d", (int)pid, WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        log_error(NULL, "worker %d ended: code %d", (int)pid, WEXITSTATUS(status));
}

static void worker_ended(slot *s) {
    int64_t now = clock_ms();
    bool too_soon = now - s->started < SHORT_LIFE_MS;
    s->pause_ms = !too_soon ? 0 : s->pause_ms == 0 ? PAUSE_FIRST_MS : s->pause_ms * 2;
    if (s->pause_ms > PAUSE_MAX_MS) s->pause_ms = PAUSE_MAX_MS;
    s->start_at = now + s->pause_ms;
    s->pid = 0;
}

// Takes note of all that ended; returns how many live.
static int reap(slot *slots, int count) {
    int status, alive = 0;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        log_end(pid, status);
        for (int i = 0; i < count; i++)
            if (slots[i].pid == pid) worker_ended(&slots[i]);
    }
    for (int i = 0; i < count; i++)
        alive += slots[i].pid > 0;
    return alive;
}

static void signal_all(const slot *slots, int count, int signal_number) {
    for (int i = 0; i < count; i++)
        if (slots[i].pid > 0) kill(slots[i].pid, signal_number);
}

// Waits for a signal, 200 ms at most; true when it says stop.
static bool wait_signal(void) {
    const struct timespec wait = {.tv_nsec = 200 * 1000000};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCHLD);
    int got = sigtimedwait(&set, NULL, &wait);
    return got == SIGTERM || got == SIGINT;
}

static int stop_all(slot *slots, int count) {
    int64_t until = clock_ms() + STOP_MS;
    signal_all(slots, count, SIGTERM);
    while (reap(slots, count) > 0) {
        if (clock_ms() > until) {
            log_error(NULL, "workers did not leave within %d ms", STOP_MS);
            signal_all(slots, count, SIGKILL);
        }
        wait_signal();
    }
    return 0;
}

int prefork_run(const char *path, int workers, int (*work)(void *arg), void *arg) {
    slot *slots = mem_array((size_t)workers, sizeof *slots);
    block_signals();
    log_info(NULL, "serving %s with %d workers", path, workers);
    do {
        reap(slots, workers);
        for (int i = 0; i < workers; i++)
            if (slots[i].pid == 0 && clock_ms() >= slots[i].start_at) start_worker(&slots[i], work, arg);
    } while (!wait_signal());
    log_info(NULL, "stopping");
    unlink(path);
    int code = stop_all(slots, workers);
    mem_free(slots);
    return code;
}
