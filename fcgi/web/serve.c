// SPDX-License-Identifier: Apache-2.0
// The worker's loop over libfcgi. See serve.h.
// libfcgi reads and writes without any bound of time: a timer's signal shuts a connection down that keeps the worker
// waiting, and the call that waits comes back.
#include "web/serve.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/clock.h"
#include "web/prefork.h"

#define REQUESTS_MAX 10000
#define PEER_SECONDS 5 // for a request's head to come, for its body, and for its answer to be taken
#if defined(__SANITIZE_ADDRESS__)
#define RESIDENT_MAX LONG_MAX // freed memory is kept there: a worker is not judged by it
#else
#define RESIDENT_MAX ((long)64 * 1024 * 1024)
#endif
#define RESIDENT_EVERY 64 // requests between two looks at it

static long resident_bytes(void) {
    long size = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    if (file == NULL) return 0;
    if (fscanf(file, "%ld %ld", &size, &resident) != 2) resident = 0;
    fclose(file);
    return resident * sysconf(_SC_PAGESIZE);
}

static bool worn_out(int served) {
    return served >= REQUESTS_MAX || (served % RESIDENT_EVERY == 0 && resident_bytes() > RESIDENT_MAX);
}

// --- waiting for the peer ---

static FCGX_Request fcgi;

static void on_late(int signal_number) {
    int before = errno;
    (void)signal_number;
    shutdown(fcgi.ipcFd, SHUT_RDWR);
    errno = before;
}

// From now on, again and again (the next connection may be as slow); 0 ends it.
static void watch_peer(int seconds) {
    const struct timeval period = {.tv_sec = seconds};
    setitimer(ITIMER_REAL, &(struct itimerval){.it_interval = period, .it_value = period}, NULL);
}

static long read_body(void *source, char *out, size_t cap) {
    watch_peer(PEER_SECONDS);
    int got = FCGX_GetStr(out, (int)cap, source);
    watch_peer(0);
    return got;
}

// --- requests ---

static void log_request(const request *r) {
    const answer *a = &r->answer;
    enum log_level level = a->status >= 500 ? LEVEL_WARN : LEVEL_INFO;
    log_at(level, &r->log, "%s %.300s %d %zu bytes %lld us from %s", r->method_text, r->path, a->status,
           a->len, (long long)(clock_us() - r->started_us), r->address);
}

static void serve_one(const web_program *program, const config *cfg, db *database, arena *a) {
    const route_table table = {program->routes, program->routes_count};
    request r;
    buf out;
    buf_init(&out, BUF_NO_LIMIT);
    request_read(&r, cfg, database, a, fcgi.envp);
    router_dispatch(&table, &r, read_body, fcgi.in);
    answer_write(&r, &out);
    watch_peer(PEER_SECONDS);
    FCGX_PutStr(out.data, (int)out.len, fcgi.out);
    log_request(&r);
    request_end(&r);
    fcgi.keepConnection = 0;
    FCGX_Finish_r(&fcgi);
    watch_peer(0);
    buf_free(&out);
    arena_reset(a);
}

static bool accept_one(void) {
    watch_peer(PEER_SECONDS);
    int code = FCGX_Accept_r(&fcgi);
    watch_peer(0);
    if (code >= 0) return true;
    // Another worker was faster, or the peer is gone again; anything else must not spin.
    if (code != -EAGAIN && code != -EINTR) clock_sleep_ms(10);
    return false;
}

int serve(const web_program *program, const config *cfg, int listener) {
    sigaction(SIGALRM, &(struct sigaction){.sa_handler = on_late, .sa_flags = SA_RESTART}, NULL);
    setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "100", 1);
    if (FCGX_Init() != 0 || FCGX_InitRequest(&fcgi, listener, FCGI_FAIL_ACCEPT_ON_INTR) != 0) return 1;
    db *database = db_create(cfg, program->name, program->calls, program->calls_count);
    arena *a = arena_create();
    db_connect(database);
    for (int served = 0; prefork_wait(listener);) {
        if (!accept_one()) continue;
        serve_one(program, cfg, database, a);
        if (worn_out(++served)) break;
    }
    arena_destroy(a);
    db_destroy(database);
    return 0;
}
