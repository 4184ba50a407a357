// SPDX-License-Identifier: Apache-2.0
// Command line and start. See options.h.
#include "lib/options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/plant.h"
#include "lib/token.h"
#include "lib/version.h"

typedef struct start {
    const char *program, *what;
    const option_row *rows;
    size_t count;
    const char *config_file;
    bool help, version, check, print;
} start;

static void print_option(const char *name, const char *value, const char *help) {
    char left[40];
    snprintf(left, sizeof left, "%s%s%s", name, value == NULL ? "" : " ", value == NULL ? "" : value);
    printf("  %-22s %s\n", left, help);
}

static void print_help(const start *s) {
    printf("%s: %s\n\nOptions:\n", s->program, s->what);
    for (size_t i = 0; i < s->count; i++)
        print_option(s->rows[i].name, s->rows[i].value, s->rows[i].help);
    print_option("--config", "FILE", "the configuration (without: defaults and PARLEY_* variables)");
    print_option("--check-config", NULL, "say whether the configuration is good, and end");
    print_option("--print-config", NULL, "print every key with its effective value, and end");
    print_option("--version", NULL, "print the version, and end");
    print_option("--help", NULL, "print this, and end");
    puts("\nExit codes: 0 good, 64 bad command line, 69 database refused, 78 bad configuration, 1 other.");
}

static int usage(const start *s, const char *option, const char *trouble) {
    fprintf(stderr, "%s: %s%s%s (see --help)\n", s->program, option, option[0] == '\0' ? "" : " ", trouble);
    return EX_USAGE;
}

static bool *own_flag(start *s, const char *option) {
    if (strcmp(option, "--help") == 0) return &s->help;
    if (strcmp(option, "--version") == 0) return &s->version;
    if (strcmp(option, "--check-config") == 0) return &s->check;
    if (strcmp(option, "--print-config") == 0) return &s->print;
    return NULL;
}

static const option_row *find_row(const start *s, const char *option) {
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->rows[i].name, option) == 0) return &s->rows[i];
    return NULL;
}

// Takes the option at argv[*i]; moves *i on when it has a value.
static int take_option(start *s, int argc, char **argv, int *i) {
    const char *option = argv[*i];
    const option_row *row = find_row(s, option);
    const char **text = row != NULL ? row->text : NULL;
    bool *flag = row != NULL ? row->flag : own_flag(s, option);
    if (row == NULL && strcmp(option, "--config") == 0) text = &s->config_file;
    if (text == NULL && flag == NULL) return usage(s, option, "is no option");
    if (flag != NULL) *flag = true;
    if (text == NULL) return OPTIONS_GO_ON;
    if (*i + 1 >= argc || argv[*i + 1][0] == '\0') return usage(s, option, "needs a value");
    *text = argv[++*i];
    return OPTIONS_GO_ON;
}

static int check_required(const start *s) {
    if (s->check || s->print) return OPTIONS_GO_ON;
    for (size_t i = 0; i < s->count; i++)
        if (s->rows[i].alone && *s->rows[i].flag) return OPTIONS_GO_ON;
    for (size_t i = 0; i < s->count; i++)
        if (s->rows[i].required && *s->rows[i].text == NULL) return usage(s, s->rows[i].name, "is missing");
    return OPTIONS_GO_ON;
}

static int load(const start *s, config *cfg) {
    if (!config_load(cfg, s->config_file, environ, stderr)) return EX_CONFIG;
    if (s->check) puts("ok");
    if (s->print) {
        config_print(cfg, stdout);
        printf("# connections: %d\n", config_connections(cfg));
    }
    if (s->check || s->print) return 0;
    log_setup(s->program, (enum log_level)cfg->log_level);
    token_setup();
    plant_arm();
    return OPTIONS_GO_ON;
}

int options_start(int argc, char **argv, const char *program, const char *what, const option_row *rows,
                  size_t count, config *cfg) {
    start s = {.program = program, .what = what, .rows = rows, .count = count};
    for (int i = 1; i < argc; i++) {
        int code = take_option(&s, argc, argv, &i);
        if (code != OPTIONS_GO_ON) return code;
    }
    if (s.help) {
        print_help(&s);
        return 0;
    }
    if (s.version) {
        printf("%s %s\n", program, PARLEY_VERSION);
        return 0;
    }
    int code = check_required(&s);
    return code == OPTIONS_GO_ON ? load(&s, cfg) : code;
}
