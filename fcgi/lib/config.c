// SPDX-License-Identifier: Apache-2.0
// Configuration: the table of keys and what fills the struct from it. See config.h.
// A new key is one row here, one member in config.h and one paragraph in conf/parley.conf (a test compares).
#include "lib/config.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <libpq-fe.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "lib/arena.h"
#include "lib/json.h"
#include "lib/site.h"
#include "lib/utf8.h"

#define LINE_MAX_BYTES 4096
#define ENV_PREFIX "PARLEY_"
#define ENV_TEST_PREFIX "PARLEY_TEST_"
#define RELAY_CONNECTIONS 6 // design.md section 4: listener, two writers, two readers, one for the rest

enum key_kind { KEY_TEXT, KEY_INT, KEY_BOOL, KEY_CHOICE, KEY_RATE, KEY_NETS };

typedef struct key_row {
    const char *name;
    const char *initial;
    size_t offset;
    enum key_kind kind;
    int min, max;                    // KEY_INT
    const char *expected;            // what a good value is, for people; NULL for KEY_INT and KEY_RATE
    bool (*valid)(const char *text); // KEY_TEXT, NULL = anything
    const char *const *choices;      // KEY_CHOICE
} key_row;

static bool valid_listen(const char *text) {
    const char *colon = strrchr(text, ':');
    if (colon == NULL || colon == text || strcspn(text, " \t/") != strlen(text)) return false;
    int64_t port = number_parse(colon + 1, strlen(colon + 1), 65535);
    return port > 0;
}

static bool valid_url(const char *text) {
    return text[0] == '\0' || site_url_valid(text);
}

static bool valid_dir(const char *text) {
    return text[0] == '/' && strlen(text) <= 80;
}

static bool valid_file(const char *text) {
    return text[0] == '\0' || text[0] == '/';
}

static bool valid_prefix(const char *text) {
    size_t len = strlen(text);
    return len > 0 && len <= 40 && !isdigit((unsigned char)text[0]) &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_") == len;
}

static bool valid_region(const char *text) {
    return strlen(text) <= 32 && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

// The user is the program's own role, the password comes from a file: neither stands in the text.
static bool valid_database(const char *text) {
    PQconninfoOption *options = text[0] == '\0' ? NULL : PQconninfoParse(text, NULL);
    bool good = options != NULL;
    for (PQconninfoOption *option = options; good && option->keyword != NULL; option++)
        if (strcmp(option->keyword, "user") == 0 || strcmp(option->keyword, "password") == 0)
            good = option->val == NULL;
    PQconninfoFree(options);
    return good;
}

static const char *const REGISTRATIONS[] = {"open", "invite", "closed", NULL};
static const char *const LEVELS[] = {"debug", "info", "warn", "error", "off", NULL};

#define AT(member) offsetof(config, member)
#define TEXT(key, first, valid_, expected_)                                                   \
    {                                                                                         \
        .name = #key, .initial = first, .offset = AT(key), .kind = KEY_TEXT, .valid = valid_, \
        .expected = expected_                                                                 \
    }
#define INT(key, first, low, high) \
    { .name = #key, .initial = first, .offset = AT(key), .kind = KEY_INT, .min = low, .max = high }
#define BOOL(key, first) \
    { .name = #key, .initial = first, .offset = AT(key), .kind = KEY_BOOL, .expected = "yes or no" }
#define CHOICE(key, first, list, expected_)                                                     \
    {                                                                                           \
        .name = #key, .initial = first, .offset = AT(key), .kind = KEY_CHOICE, .choices = list, \
        .expected = expected_                                                                   \
    }
#define RATE(key, first) \
    { .name = #key, .initial = first, .offset = AT(key), .kind = KEY_RATE }

static const key_row KEYS[] = {
    TEXT(database, "host=/run/postgresql dbname=parley", valid_database,
         "a libpq connection string without user and password"),
    TEXT(database_password_file, "", valid_file, "an absolute path, or nothing"),
    TEXT(role_prefix, "parley_", valid_prefix, "1 to 40 of a-z, 0-9 and _, not beginning with a digit"),
    BOOL(allow_unsafe_database, "no"),

    TEXT(run_dir, "/run/parley", valid_dir, "an absolute path of at most 80 bytes"),
    CHOICE(log_level, "info", LEVELS, "one of debug, info, warn, error, off"),

    TEXT(listen, "127.0.0.1:8080", valid_listen, "ADDRESS:PORT"),
    TEXT(public_url, "", valid_url,
         "http://HOST or https://HOST, with a port if need be and no path, or nothing"),
    {.name = "trusted_proxies",
     .initial = "",
     .offset = AT(trusted_proxies),
     .kind = KEY_NETS,
     .expected = "at most 32 addresses or networks (ADDRESS/BITS) parted by commas, or nothing"},
    CHOICE(registration, "open", REGISTRATIONS, "one of open, invite, closed"),

    INT(login_workers, "4", 1, 64),
    INT(groups_workers, "3", 1, 64),
    INT(history_workers, "4", 1, 64),
    INT(admin_workers, "2", 1, 64),
    INT(relays, "2", 1, 26),
    TEXT(region, "", valid_region, "at most 32 of a-z, 0-9 and -"),

    INT(session_days, "30", 1, 365),
    INT(login_sessions_max, "50", 1, 1000),
    INT(live_sessions_max, "20", 1, 1000),
    INT(sessions_max, "0", 0, 1000000),

    INT(heartbeat, "25", 5, 300),
    INT(poll_wait_max, "55", 1, 55),
    INT(queue_bytes, "262144", 16384, 16777216),
    INT(commands_max, "100", 1, 1000),
    INT(receipts_max_members, "100", 2, 10000),
    INT(watch_max, "500", 1, 10000),
    INT(resume_max, "1000", 1, 10000),
    INT(typing_seconds, "6", 1, 60),

    INT(body_max_bytes, "262144", 4096, 16777216),
    INT(json_depth, "16", 4, 64),
    INT(message_max_chars, "16000", 1, 60000),
    INT(login_min_chars, "2", 1, 32),
    INT(login_max_chars, "32", 1, 64),
    INT(password_min_bytes, "10", 1, 1024),
    INT(password_max_bytes, "1024", 64, 4096),
    INT(display_name_max_chars, "80", 1, 200),
    INT(title_max_chars, "120", 1, 500),
    INT(topic_max_chars, "500", 1, 4000),
    INT(status_max_chars, "100", 1, 500),
    INT(members_add_max, "500", 1, 500),

    INT(page_default, "50", 1, 1000),
    INT(page_max, "200", 1, 1000),
    INT(list_max, "1000", 1, 10000),
    INT(ids_max, "200", 1, 1000),

    INT(audit_days, "365", 1, 36500),

    RATE(login_rate_limit, "10/300"),
    RATE(login_ip_rate_limit, "50/300"),
    RATE(register_rate_limit, "10/3600"),
    RATE(message_rate_limit, "60/10"),
    RATE(command_rate_limit, "50/1"),
    INT(command_burst, "200", 1, 10000),

    INT(argon2_memory_kib, "19456", 8, 4194304),
    INT(argon2_passes, "2", 1, 100),
    INT(argon2_per_core, "2", 1, 16),
};
#define KEYS_COUNT (sizeof KEYS / sizeof KEYS[0])

// One place a value came from, for complaints.
typedef struct source {
    FILE *complaints;
    const char *file; // NULL = the environment
    int line;
    bool good;
} source;

static void complain(source *from, const char *key, const char *value, const char *expected) {
    from->good = false;
    if (from->file != NULL) fprintf(from->complaints, "%s:%d: ", from->file, from->line);
    fprintf(from->complaints, "%s%s", key, value == NULL ? "" : " = ");
    for (const char *p = value == NULL ? "" : value; *p != '\0'; p++)
        fputc((unsigned char)*p < ' ' ? '?' : *p, from->complaints);
    fprintf(from->complaints, ": %s\n", expected);
}

// Texts of configurations live as long as the process, reachable from here.
static const char *keep(const char *text) {
    static arena *texts;
    if (texts == NULL) texts = arena_create();
    return arena_text(texts, text);
}

static int find_choice(const char *value, const char *const *choices) {
    for (int i = 0; choices[i] != NULL; i++)
        if (strcmp(value, choices[i]) == 0) return i;
    return -1;
}

static bool set_text(const key_row *key, void *at, const char *value) {
    if (!utf8_valid(value, strlen(value)) || utf8_has_control(value, strlen(value))) return false;
    if (key->valid != NULL && !key->valid(value)) return false;
    *(const char **)at = keep(value);
    return true;
}

static bool set_int(const key_row *key, void *at, const char *value) {
    int64_t number = number_parse(value, strlen(value), key->max);
    if (number < key->min) return false;
    *(int *)at = (int)number;
    return true;
}

static bool set_bool(void *at, const char *value) {
    static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1", NULL};
    int found = find_choice(value, words);
    if (found >= 0) *(bool *)at = found % 2 == 1;
    return found >= 0;
}

static bool set_choice(const key_row *key, void *at, const char *value) {
    int found = find_choice(value, key->choices);
    if (found >= 0) *(int *)at = found;
    return found >= 0;
}

static bool set_value(const key_row *key, config *out, const char *value) {
    void *at = (char *)out + key->offset;
    switch (key->kind) {
    case KEY_TEXT:
        return set_text(key, at, value);
    case KEY_INT:
        return set_int(key, at, value);
    case KEY_BOOL:
        return set_bool(at, value);
    case KEY_CHOICE:
        return set_choice(key, at, value);
    case KEY_RATE:
        return rate_parse(value, at);
    case KEY_NETS:
        return address_list_parse(value, at);
    }
    return false;
}

static void expected_of(const key_row *key, char *out, size_t cap) {
    if (key->kind == KEY_INT)
        snprintf(out, cap, "expected a whole number from %d to %d", key->min, key->max);
    else if (key->kind == KEY_RATE)
        snprintf(out, cap, "expected COUNT/SECONDS such as %s, or off", key->initial);
    else
        snprintf(out, cap, "expected %s", key->expected);
}

static void assign(source *from, const key_row *key, config *out, const char *shown, const char *value) {
    char expected[200];
    if (set_value(key, out, value)) return;
    expected_of(key, expected, sizeof expected);
    complain(from, shown, value, expected);
}

static const key_row *find_key(const char *name) {
    for (size_t i = 0; i < KEYS_COUNT; i++)
        if (strcmp(KEYS[i].name, name) == 0) return &KEYS[i];
    return NULL;
}

// --- the file ---

static char *trim(char *text) {
    while (*text == ' ' || *text == '\t')
        text++;
    size_t len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
        text[--len] = '\0';
    return text;
}

// A # that begins the line or follows a blank starts a comment.
static void cut_comment(char *text) {
    for (char *p = text; *p != '\0'; p++) {
        if (*p != '#' || (p > text && p[-1] != ' ' && p[-1] != '\t')) continue;
        *p = '\0';
        return;
    }
}

static void read_line(source *from, char *line, config *out, int seen[]) {
    cut_comment(line);
    char *name = trim(line);
    if (name[0] == '\0') return;
    char *equals = strchr(name, '=');
    if (equals == NULL) {
        complain(from, name, NULL, "expected `key = value`");
        return;
    }
    *equals = '\0';
    char *value = trim(equals + 1);
    name = trim(name);
    const key_row *key = find_key(name);
    if (key == NULL) {
        complain(from, name, NULL, "unknown key");
        return;
    }
    int *first = &seen[key - KEYS];
    if (*first != 0) {
        char text[64];
        snprintf(text, sizeof text, "the key is already set in line %d", *first);
        complain(from, name, NULL, text);
        return;
    }
    *first = from->line;
    assign(from, key, out, name, value);
}

static void read_file(source *from, const char *path, config *out) {
    int seen[KEYS_COUNT] = {0};
    char line[LINE_MAX_BYTES];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        fprintf(from->complaints, "%s: %s\n", path, strerror(errno));
        from->good = false;
        return;
    }
    from->file = path;
    while (fgets(line, sizeof line, file) != NULL) {
        from->line++;
        if (strchr(line, '\n') == NULL && !feof(file)) {
            complain(from, "the line", NULL, "expected at most 4,094 bytes");
            break;
        }
        read_line(from, line, out, seen);
    }
    if (ferror(file)) complain(from, "the file", NULL, "cannot be read");
    fclose(file);
    from->file = NULL;
}

// --- the environment ---

static void read_variable(source *from, const char *variable, config *out) {
    char name[64], shown[64];
    const char *equals = strchr(variable, '=');
    if (equals == NULL || strncmp(variable, ENV_PREFIX, strlen(ENV_PREFIX)) != 0) return;
    if (strncmp(variable, ENV_TEST_PREFIX, strlen(ENV_TEST_PREFIX)) == 0) return;
    snprintf(shown, sizeof shown, "%.*s", (int)(equals - variable), variable);
    snprintf(name, sizeof name, "%s", shown + strlen(ENV_PREFIX));
    bool capitals = true;
    for (char *p = name; *p != '\0'; p++) {
        capitals = capitals && !islower((unsigned char)*p);
        *p = (char)tolower((unsigned char)*p);
    }
    const key_row *key = capitals ? find_key(name) : NULL;
    if (key == NULL)
        complain(from, shown, NULL, "unknown key");
    else
        assign(from, key, out, shown, equals + 1);
}

// --- what no single key can say ---

typedef struct pair_row {
    const char *small, *large;
    size_t small_at, large_at;
} pair_row;

static const pair_row PAIRS[] = {
    {"login_min_chars", "login_max_chars", AT(login_min_chars), AT(login_max_chars)},
    {"password_min_bytes", "password_max_bytes", AT(password_min_bytes), AT(password_max_bytes)},
    {"page_default", "page_max", AT(page_default), AT(page_max)},
};

static void check_pairs(source *from, const config *cfg) {
    for (size_t i = 0; i < sizeof PAIRS / sizeof PAIRS[0]; i++) {
        const char *base = (const char *)cfg;
        int small = *(const int *)(base + PAIRS[i].small_at),
            large = *(const int *)(base + PAIRS[i].large_at);
        if (small <= large) continue;
        fprintf(from->complaints, "%s = %d: expected at most %s = %d\n", PAIRS[i].small, small,
                PAIRS[i].large, large);
        from->good = false;
    }
}

static void strip_slash(config *cfg) {
    size_t len = strlen(cfg->public_url);
    if (len == 0 || cfg->public_url[len - 1] != '/') return;
    char shorter[300];
    snprintf(shorter, sizeof shorter, "%.*s", (int)(len - 1), cfg->public_url);
    cfg->public_url = keep(shorter);
}

bool config_load(config *out, const char *path, char *const *environ_, FILE *complaints) {
    source from = {.complaints = complaints, .good = true};
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < KEYS_COUNT; i++)
        assign(&from, &KEYS[i], out, KEYS[i].name, KEYS[i].initial);
    if (path != NULL) read_file(&from, path, out);
    for (char *const *variable = environ_; variable != NULL && *variable != NULL; variable++)
        read_variable(&from, *variable, out);
    if (from.good) check_pairs(&from, out);
    strip_slash(out);
    return from.good;
}

// --- looking at it ---

static void print_nets(const address_list *list, FILE *out) {
    for (size_t i = 0; i < list->count; i++) {
        char text[ADDRESS_NET_TEXT];
        address_net_format(&list->nets[i], text);
        fprintf(out, "%s%s", i == 0 ? "" : ", ", text);
    }
}

static void print_rate(const rate *r, FILE *out) {
    if (r->count == 0)
        fputs("off", out);
    else
        fprintf(out, "%d/%d", r->count, r->seconds);
}

static void print_value(const key_row *key, const void *at, FILE *out) {
    switch (key->kind) {
    case KEY_TEXT:
        fputs(*(const char *const *)at, out);
        break;
    case KEY_INT:
        fprintf(out, "%d", *(const int *)at);
        break;
    case KEY_BOOL:
        fputs(*(const bool *)at ? "yes" : "no", out);
        break;
    case KEY_CHOICE:
        fputs(key->choices[*(const int *)at], out);
        break;
    case KEY_RATE:
        print_rate(at, out);
        break;
    case KEY_NETS:
        print_nets(at, out);
        break;
    }
}

void config_print(const config *cfg, FILE *out) {
    for (size_t i = 0; i < KEYS_COUNT; i++) {
        fprintf(out, "%s = ", KEYS[i].name);
        print_value(&KEYS[i], (const char *)cfg + KEYS[i].offset, out);
        fputc('\n', out);
    }
    fprintf(out, "# connections of all programs and relays: %d\n", config_connections(cfg));
}

bool config_key(size_t i, const char **name, const char **initial) {
    if (i >= KEYS_COUNT) return false;
    *name = KEYS[i].name;
    *initial = KEYS[i].initial;
    return true;
}

typedef struct workers_row {
    const char *program;
    size_t offset;
} workers_row;

static const workers_row WORKERS[] = {
    {"login", AT(login_workers)},
    {"groups", AT(groups_workers)},
    {"history", AT(history_workers)},
    {"admin", AT(admin_workers)},
};

int config_workers(const config *cfg, const char *program) {
    for (size_t i = 0; i < sizeof WORKERS / sizeof WORKERS[0]; i++)
        if (strcmp(WORKERS[i].program, program) == 0)
            return *(const int *)((const char *)cfg + WORKERS[i].offset);
    return 0;
}

int config_connections(const config *cfg) {
    return cfg->login_workers + cfg->groups_workers + cfg->history_workers + cfg->admin_workers +
           cfg->relays * RELAY_CONNECTIONS;
}

bool config_https(const config *cfg) {
    return strncmp(cfg->public_url, "https://", 8) == 0;
}
