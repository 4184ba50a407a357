// SPDX-License-Identifier: Apache-2.0
// A PostgreSQL of its own for one test program (pg.sh), and the calls of stub.sql.
#ifndef PARLEY_TESTS_UNIT_LIB_PG_FIXTURE_H
#define PARLEY_TESTS_UNIT_LIB_PG_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

#include "lib/db.h"
#include "lib/token.h"

static char pg_dir[] = "/tmp/parley-pg-XXXXXX";
static char pg_database[100];
static config pg_config = {.role_prefix = "unit_", .database_password_file = ""};

static const db_call PG_CALLS[] = {
    {"echo", "text"},  {"large", "integer"}, {"add", "bigint bigint[]"},      {"wait", "float8"},
    {"shout", "text"}, {"late", ""},         {"fail", "text text text text"},
};
#define PG_CALLS_COUNT (sizeof PG_CALLS / sizeof PG_CALLS[0])

// Runs pg.sh; returns its exit code. more: a third argument without quotes in it, or "".
static int pg(const char *verb, const char *more) {
    char line[600];
    snprintf(line, sizeof line, "tests/unit/lib/pg.sh %s %s \"%s\"", verb, pg_dir, more);
    return system(line);
}

static int pg_make(void **state) {
    (void)state;
    token_setup();
    log_setup("unit", getenv("VERBOSE") == NULL ? LEVEL_OFF : LEVEL_DEBUG);
    if (mkdtemp(pg_dir) == NULL) return 1;
    snprintf(pg_database, sizeof pg_database, "host=%s dbname=unit", pg_dir);
    pg_config.database = pg_database;
    return pg("make", "");
}

static int pg_remove(void **state) {
    (void)state;
    return pg("remove", "");
}

#endif
