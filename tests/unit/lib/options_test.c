// SPDX-License-Identifier: Apache-2.0
// Command line: exit codes, required options, what ends without work.
#include "lib/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <unistd.h>

static const char *socket_path;
static bool routes;
static const option_row ROWS[] = {
    {"--socket", "PATH", "help", &socket_path, NULL, true, false},
    {"--routes", NULL, "help", NULL, &routes, false, true},
};

typedef struct row {
    const char *line; // blank-separated
    int code;
} row;

#define NO_FILE "/nonexistent/x.conf"
static const row LINES[] = {
    {"--socket /tmp/x", OPTIONS_GO_ON},
    {"--routes", OPTIONS_GO_ON},
    {"--help", 0},
    {"--version", 0},
    {"--check-config", 0},
    {"--print-config", 0},
    {"--check-config --config /dev/null", 0},
    {"", EX_USAGE},
    {"--socket", EX_USAGE},
    {"--nonsense", EX_USAGE},
    {"x", EX_USAGE},
    {"--socket /tmp/x extra", EX_USAGE},
    {"--config", EX_USAGE},
    {"--check-config --config " NO_FILE, EX_CONFIG},
    {"--socket /tmp/x --config " NO_FILE, EX_CONFIG},
    {"--help --nonsense", EX_USAGE},
};

static int run(const char *line) {
    char copy[200], *argv[16] = {(char *)(uintptr_t) "unit"};
    int argc = 1;
    config cfg;
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word != NULL; word = strtok(NULL, " "))
        argv[argc++] = word;
    socket_path = NULL;
    routes = false;
    return options_start(argc, argv, "unit", "a test", ROWS, 2, &cfg);
}

static void each_line_has_its_code(void **state) {
    (void)state;
    int out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO), null = open("/dev/null", O_WRONLY);
    int codes[sizeof LINES / sizeof LINES[0]];
    fflush(stdout);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
        codes[i] = run(LINES[i].line);
    fflush(stdout);
    dup2(out, STDOUT_FILENO);
    dup2(err, STDERR_FILENO);
    close(out);
    close(err);
    close(null);
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++)
        if (codes[i] != LINES[i].code) fail_msg("%s: %d", LINES[i].line, codes[i]);
}

static void values_are_kept(void **state) {
    (void)state;
    assert_int_equal(run("--socket /tmp/first --socket /tmp/second"), OPTIONS_GO_ON);
    assert_string_equal(socket_path, "/tmp/second");
    assert_false(routes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_line_has_its_code),
        cmocka_unit_test(values_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
