// SPDX-License-Identifier: Apache-2.0
// Prefork: workers are replaced, finish what they do, and leave with their parent.
#include "web/prefork.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"

static char dir[] = "/tmp/parley-prefork-XXXXXX";
static char path[100];

static int begin(void **state) {
    (void)state;
    log_setup("unit", LEVEL_OFF);
    if (mkdtemp(dir) == NULL) return 1;
    snprintf(path, sizeof path, "%s/unit.sock", dir);
    return 0;
}

static int end(void **state) {
    (void)state;
    remove(path);
    return rmdir(dir);
}

// A worker that answers each connection with its pid, after as many ms as the request's first byte says (x 10); "k"
// kills it, "q" makes it leave.
static int work(void *arg) {
    int listener = *(int *)arg;
    while (prefork_wait(listener)) {
        char what = 0;
        int peer = accept(listener, NULL, NULL);
        if (peer < 0) continue;
        if (read(peer, &what, 1) == 1 && what == 'k') raise(SIGKILL);
        if (what == 'q') exit(0);
        if (what >= '0' && what <= '9') clock_sleep_ms((what - '0') * 100);
        dprintf(peer, "%d", (int)getpid());
        close(peer);
    }
    return 0;
}

static pid_t start(int workers) {
    fflush(stdout);
    pid_t pid = fork();
    if (pid != 0) return pid;
    int listener = prefork_listen(path);
    _exit(listener < 0 ? 9 : prefork_run(path, workers, work, &listener));
}

static int connected(void) {
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    snprintf(to.sun_path, sizeof to.sun_path, "%s", path);
    int peer = socket(AF_UNIX, SOCK_STREAM, 0);
    for (int64_t until = clock_ms() + 5000; clock_ms() < until; clock_sleep_ms(10))
        if (connect(peer, (struct sockaddr *)&to, sizeof to) == 0) return peer;
    close(peer);
    return -1;
}

static int ask(char what) {
    int peer = connected();
    assert_true(peer >= 0);
    assert_int_equal(write(peer, &what, 1), 1);
    return peer;
}

// The pid that answered; 0 = nobody.
static pid_t answer(int peer) {
    char text[20] = "";
    ssize_t got = read(peer, text, sizeof text - 1);
    close(peer);
    return got > 0 ? atoi(text) : 0;
}

static int stop(pid_t pid) {
    int status = 0;
    kill(pid, SIGTERM);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void workers_share_the_work(void **state) {
    (void)state;
    pid_t parent = start(3), seen[2];
    int first = ask('3'), second = ask('3');
    seen[0] = answer(first);
    seen[1] = answer(second);
    assert_true(seen[0] > 0 && seen[1] > 0);
    assert_int_not_equal(seen[0], seen[1]);
    struct stat s;
    assert_int_equal(stat(path, &s), 0);
    assert_int_equal(s.st_mode & 0777, 0660);
    assert_int_equal(stop(parent), 0);
    assert_int_not_equal(stat(path, &s), 0);
}

static void dead_workers_are_replaced(void **state) {
    (void)state;
    pid_t parent = start(1), before = answer(ask('0'));
    clock_sleep_ms(1100);
    assert_int_equal(answer(ask('k')), 0);
    pid_t after = answer(ask('0'));
    assert_true(after > 0 && after != before);
    answer(ask('q'));
    assert_true(answer(ask('0')) > 0);
    assert_int_equal(stop(parent), 0);
}

static void a_request_is_finished(void **state) {
    (void)state;
    pid_t parent = start(1);
    int running = ask('8'), waiting = ask('0');
    clock_sleep_ms(200);
    kill(parent, SIGTERM);
    assert_true(answer(running) > 0);
    assert_true(answer(waiting) > 0); // it was connected before
    assert_int_equal(stop(parent), 0);
}

static bool alive(pid_t pid) {
    char file[40], text[200] = "";
    snprintf(file, sizeof file, "/proc/%d/stat", (int)pid);
    FILE *f = fopen(file, "r");
    if (f == NULL) return false;
    bool read_it = fgets(text, sizeof text, f) != NULL;
    fclose(f);
    const char *close_paren = strrchr(text, ')');
    return read_it && close_paren != NULL && close_paren[2] != 'Z';
}

static void workers_leave_with_a_killed_parent(void **state) {
    (void)state;
    int status;
    pid_t parent = start(1), worker = answer(ask('0'));
    assert_true(alive(worker));
    kill(parent, SIGKILL);
    waitpid(parent, &status, 0);
    for (int64_t until = clock_ms() + 3000; alive(worker) && clock_ms() < until;)
        clock_sleep_ms(10);
    assert_false(alive(worker));
    parent = start(1); // the stale socket is taken over
    clock_sleep_ms(200);
    assert_true(answer(ask('0')) > 0);
    assert_int_equal(stop(parent), 0);
}

static void a_path_too_long_is_refused(void **state) {
    (void)state;
    char endless[200];
    memset(endless, 'x', sizeof endless - 1);
    endless[0] = '/';
    endless[sizeof endless - 1] = '\0';
    assert_int_equal(prefork_listen(endless), -1);
    assert_int_equal(prefork_listen("/nonexistent/x.sock"), -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(workers_share_the_work),     cmocka_unit_test(dead_workers_are_replaced),
        cmocka_unit_test(a_request_is_finished),      cmocka_unit_test(workers_leave_with_a_killed_parent),
        cmocka_unit_test(a_path_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
