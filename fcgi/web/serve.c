// SPDX-License-Identifier: Apache-2.0
// The worker's loop over libfcgi. See serve.h.
#include "web/serve.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "web/prefork.h"

#define REQUESTS_MAX 10000
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

static long read_body(void *source, char *out, size_t cap) {
    return FCGX_GetStr(out, (int)cap, source);
}

static void log_request(const request *r) {
    const answer *a = &r->answer;
    enum log_level level = a->status >= 500 ? LEVEL_WARN : LEVEL_INFO;
    log_at(level, &r->log, "%s %.300s %d %zu bytes %lld us from %s", r->method_text, r->path, a->status,
           a->len, (long long)(clock_us() - r->started_us), r->address);
}

static void serve_one(const web_program *program, const config *cfg, db *database, arena *a,
                      FCGX_Request *fcgi) {
    const route_table table = {program->routes, program->routes_count};
    request r;
    buf out;
    buf_init(&out, BUF_NO_LIMIT);
    request_read(&r, cfg, database, a, fcgi->envp);
    router_dispatch(&table, &r, read_body, fcgi->in);
    answer_write(&r, &out);
    FCGX_PutStr(out.data, (int)out.len, fcgi->out);
    log_request(&r);
    request_end(&r);
    buf_free(&out);
    arena_reset(a);
}

static bool accept_one(FCGX_Request *fcgi) {
    int code = FCGX_Accept_r(fcgi);
    if (code >= 0) return true;
    // Another worker was faster, or the peer is gone again; anything else must not spin.
    if (code != -EAGAIN && code != -EINTR) clock_sleep_ms(10);
    return false;
}

int serve(const web_program *program, const config *cfg, int listener) {
    FCGX_Request fcgi;
    setenv("LIBFCGI_OS_CLOSE_POLL_TIMEOUT", "100", 1);
    if (FCGX_Init() != 0 || FCGX_InitRequest(&fcgi, listener, FCGI_FAIL_ACCEPT_ON_INTR) != 0) return 1;
    db *database = db_create(cfg, program->name, program->calls, program->calls_count);
    arena *a = arena_create();
    db_connect(database);
    for (int served = 0; prefork_wait(listener);) {
        if (!accept_one(&fcgi)) continue;
        serve_one(program, cfg, database, a, &fcgi);
        fcgi.keepConnection = 0;
        FCGX_Finish_r(&fcgi);
        if (worn_out(++served)) break;
    }
    arena_destroy(a);
    db_destroy(database);
    return 0;
}
