// SPDX-License-Identifier: Apache-2.0
// Database calls: what a program may call, their parameters, and a blocking connection to make them
// by. There is no SQL text in C: a call is the name of a function in schema api and the types of its parameters,
// and becomes the prepared statement `SELECT * FROM api.NAME($1::TYPE, …)` of that name.
// A connection is made when first needed, checked (db_check_row), prepared, and made again when lost.
// Refused: a database that is not UTF8, is too old (< 15.15), has another schema than these programs
// work with, or has fsync, synchronous_commit or full_page_writes off (unless allow_unsafe_database).
#ifndef PARLEY_LIB_DB_H
#define PARLEY_LIB_DB_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/config.h"
#include "lib/error.h"

typedef struct db_call {
    const char *name;  // "groups_create"
    const char *types; // "bytea text bigint[] uuid", each of one word; "" = no parameters
} db_call;

// Parameters of one call, in order, text format. Values are copied into the arena.
#define DB_PARAMS_MAX 24
typedef struct db_params {
    arena *arena;
    int count;
    const char *values[DB_PARAMS_MAX]; // NULL = SQL NULL
} db_params;

db_params db_params_new(arena *a);
void db_null(db_params *p);
void db_text(db_params *p, const char *text); // NULL = SQL NULL
void db_int(db_params *p, int64_t number);
void db_id(db_params *p, int64_t id); // 0 = SQL NULL
void db_bool(db_params *p, bool value);
void db_bytes(db_params *p, const void *bytes, size_t len); // bytes NULL = SQL NULL
void db_rate(db_params *p, const rate *r);                  // two parameters: count (NULL = off), seconds
// Arrays; a NULL element of texts is SQL NULL. ids: 0 stays 0. out of n elements.
void db_ids(db_params *p, const int64_t *ids, size_t n);
void db_texts(db_params *p, const char *const *texts, size_t n);
void db_bytes_array(db_params *p, const uint8_t *const *elements, size_t n, size_t len); // each of len bytes
void db_bools(db_params *p, const bool *values, size_t n);

// The statement's text of a call, into the arena.
const char *db_statement(arena *a, const db_call *call);

// What a connection is made of: keywords and values for PQconnectdbParams, NULL-terminated, in the arena.
// user = role_prefix + program, application_name = program, client_encoding, time-outs and keepalives;
// the password from database_password_file. What the connection string sets itself stays (user aside).
typedef struct db_conninfo {
    const char **keywords;
    const char **values;
} db_conninfo;
db_conninfo db_conninfo_of(arena *a, const config *cfg, const char *program);

enum db_check { DB_GOOD, DB_AWAY, DB_REFUSED };
// The first call on each connection (its parameter is the program's name), and the judgement of its answer.
// When it is not DB_GOOD the reason goes to why (at most cap bytes with the NUL).
extern const db_call DB_CONNECT_CALL;
enum db_check db_check_row(const config *cfg, const PGresult *row, char *why, size_t cap);
// Logs a failed call: its name, SQLSTATE, message and context, without the values in it (no DETAIL).
// Problems that SQL raised on purpose (PY000) are no failure and are not logged.
void db_log_failure(const log_object *object, const char *call, const PGresult *result);

typedef struct db db;

// Makes no connection yet. cfg, program and calls are kept by pointer.
db *db_create(const config *cfg, const char *program, const db_call *calls, size_t count);
void db_destroy(db *d);
// Connects if needed and says whether the database may be used; logs the reason when not.
enum db_check db_connect(db *d);

// Runs a prepared call. Returns the result (PGRES_TUPLES_OK or COMMAND_OK; free with PQclear), or NULL with
// *why filled: the problem SQL raised, or ERROR_UNAVAILABLE. A connection found dead before anything
// was sent is made anew without a word; one lost afterwards is ERROR_UNAVAILABLE, and the call may have
// been run: callers rely on `ref`s. After a failed connection the next try waits 0.1 to 2 s; calls
// in between fail at once.
PGresult *db_run(db *d, const char *name, const db_params *p, problem *why);
// Column of row 0 by name, borrowed from the result; NULL when there is no row or it is SQL NULL.
const char *db_field(const PGresult *result, const char *column);

#endif
