// SPDX-License-Identifier: Apache-2.0
// What every connection to the database is made of and must find there, blocking or on a loop. See db.h.
#include "lib/db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/version.h"

#define CONNINFO_MAX 64
#define PASSWORD_MAX 1024
#define VERSION_MIN 150015

const db_call DB_CONNECT_CALL = {"common_connect", "text"};

typedef struct setting {
    const char *keyword, *value;
} setting;

// Unless the connection string says otherwise. Keepalives find a dead peer within about ten seconds.
static const setting DEFAULTS[] = {
    {"client_encoding", "UTF8"},
    {"connect_timeout", "3"},
    {"keepalives_idle", "5"},
    {"keepalives_interval", "2"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "10000"},
    {"target_session_attrs", "read-write"},
};

static void put(db_conninfo *info, const char *keyword, const char *value) {
    size_t i = 0;
    while (info->keywords[i] != NULL && strcmp(info->keywords[i], keyword) != 0)
        i++;
    if (i + 1 >= CONNINFO_MAX) abort();
    info->keywords[i] = keyword;
    info->values[i] = value;
}

static const char *read_password(arena *a, const char *path) {
    char line[PASSWORD_MAX];
    FILE *file = fopen(path, "re");
    bool good = file != NULL && fgets(line, sizeof line, file) != NULL;
    if (!good) log_error(NULL, "database_password_file %s: %s", path, strerror(errno));
    if (file != NULL) fclose(file);
    if (!good) return NULL;
    line[strcspn(line, "\r\n")] = '\0';
    return arena_text(a, line);
}

db_conninfo db_conninfo_of(arena *a, const config *cfg, const char *program) {
    db_conninfo info = {.keywords = arena_array(a, CONNINFO_MAX, sizeof(char *)),
                        .values = arena_array(a, CONNINFO_MAX, sizeof(char *))};
    for (size_t i = 0; i < sizeof DEFAULTS / sizeof DEFAULTS[0]; i++)
        put(&info, DEFAULTS[i].keyword, DEFAULTS[i].value);
    PQconninfoOption *options = PQconninfoParse(cfg->database, NULL);
    for (PQconninfoOption *option = options; option != NULL && option->keyword != NULL; option++)
        if (option->val != NULL) put(&info, arena_text(a, option->keyword), arena_text(a, option->val));
    PQconninfoFree(options);
    put(&info, "user", arena_printf(a, "%s%s", cfg->role_prefix, program));
    put(&info, "application_name", arena_printf(a, "parley-%s", program));
    if (cfg->database_password_file[0] != '\0') {
        const char *password = read_password(a, cfg->database_password_file);
        if (password != NULL) put(&info, "password", password);
    }
    return info;
}

const char *db_field(const PGresult *result, const char *column) {
    int number = PQfnumber(result, column);
    if (number < 0 || PQntuples(result) < 1 || PQgetisnull(result, 0, number)) return NULL;
    return PQgetvalue(result, 0, number);
}

static int int_field(const PGresult *row, const char *column) {
    const char *text = db_field(row, column);
    return text == NULL ? 0 : atoi(text);
}

static const char *text_field(const PGresult *row, const char *column) {
    const char *text = db_field(row, column);
    return text == NULL ? "" : text;
}

static bool is_off(const char *value) {
    return strcmp(value, "off") == 0 || strcmp(value, "f") == 0;
}

static const char *const DURABLE[] = {"fsync", "synchronous_commit", "full_page_writes"};

enum db_check db_check_row(const config *cfg, const PGresult *row, char *why, size_t cap) {
    int version = int_field(row, "version"), min_program = int_field(row, "min_program");
    int server = int_field(row, "server_version");
    why[0] = '\0';
    if (PQntuples(row) != 1)
        snprintf(why, cap, "api.common_connect gave no answer");
    else if (strcmp(text_field(row, "encoding"), "UTF8") != 0)
        snprintf(why, cap, "its encoding is %s, UTF8 is needed", text_field(row, "encoding"));
    else if (server < VERSION_MIN)
        snprintf(why, cap, "PostgreSQL %d.%d is too old, 15.15 is needed", server / 10000, server % 10000);
    else if (version < PARLEY_SCHEMA_NEEDED)
        snprintf(why, cap, "its schema is %d, these programs need %d: run the migrations", version,
                 PARLEY_SCHEMA_NEEDED);
    else if (min_program > PARLEY_PROGRAM_LEVEL)
        snprintf(why, cap, "its schema needs programs of level %d, these are %d", min_program,
                 PARLEY_PROGRAM_LEVEL);
    for (size_t i = 0; i < 3 && why[0] == '\0' && !cfg->allow_unsafe_database; i++)
        if (is_off(text_field(row, DURABLE[i])))
            snprintf(why, cap, "%s is off: messages could be lost", DURABLE[i]);
    return why[0] == '\0' ? DB_GOOD : DB_REFUSED;
}

void db_log_failure(const log_object *object, const char *call, const PGresult *result) {
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    if (state != NULL && strcmp(state, "PY000") == 0) return;
    log_error(object, "%s failed: %s %.300s%s%.300s", call, state == NULL ? "-" : state,
              message == NULL ? "" : message, context == NULL ? "" : " | ", context == NULL ? "" : context);
}
