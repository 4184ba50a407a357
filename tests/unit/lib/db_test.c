// SPDX-License-Identifier: Apache-2.0
// The blocking database connection against a real server: answers, problems, losing it and finding it again.
#include "lib/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "pg_fixture.h"

static arena *memory;
static db *database;

static int begin(void **state) {
    (void)state;
    memory = arena_create();
    database = db_create(&pg_config, "prog", PG_CALLS, PG_CALLS_COUNT);
    return 0;
}

static int end(void **state) {
    (void)state;
    db_destroy(database);
    arena_destroy(memory);
    return 0;
}

static PGresult *call(const char *name, problem *why, int count, const char *const *values) {
    db_params p = db_params_new(memory);
    for (int i = 0; i < count; i++)
        db_text(&p, values[i]);
    return db_run(database, name, &p, why);
}

static bool echoes(const char *text) {
    problem why;
    PGresult *result = call("echo", &why, 1, (const char *[]){text});
    bool good = result != NULL && strcmp(PQgetvalue(result, 0, 0), text) == 0;
    PQclear(result);
    return good;
}

// Calls until it works again, 5 s at most.
static bool comes_back(void) {
    for (int64_t until = clock_ms() + 5000; clock_ms() < until; clock_sleep_ms(50))
        if (echoes("back")) return true;
    return false;
}

static void calls_are_answered(void **state) {
    (void)state;
    problem why;
    assert_true(echoes("it's \"me\" \\ ä😀"));
    db_params p = db_params_new(memory);
    const int64_t numbers[] = {1, 2, 3};
    db_int(&p, INT64_C(9000000000000000000));
    db_ids(&p, numbers, 3);
    PGresult *result = db_run(database, "add", &p, &why);
    assert_string_equal(db_field(result, "add"), "9000000000000000006");
    assert_null(db_field(result, "nothing"));
    PQclear(result);
    result = call("large", &why, 1, (const char *[]){"3000000"});
    assert_int_equal(PQgetlength(result, 0, 0), 3000000);
    PQclear(result);
    result = call("echo", &why, 1, (const char *[]){NULL});
    assert_null(db_field(result, "echo"));
    PQclear(result);
}

typedef struct row {
    const char *state, *message, *detail, *hint;
    enum error code;
    int retry_after;
    const char *shown;
} row;

static const row ROWS[] = {
    {"PY000", "not_a_member", "", "", ERROR_NOT_A_MEMBER, 0, ""},
    {"PY000", "too_many", "Wait a little.", "17", ERROR_TOO_MANY, 17, "Wait a little."},
    {"PY000", "too_many", "", "soon", ERROR_TOO_MANY, 0, ""},
    {"PY000", "unavailable", "No relay.", "", ERROR_UNAVAILABLE, 2, "No relay."},
    {"PY000", "no_such_problem_name", "secret", "", ERROR_INTERNAL, 0, ""},
    {"40001", "x", "secret", "", ERROR_UNAVAILABLE, 2, ""},
    {"40P01", "x", "secret", "", ERROR_UNAVAILABLE, 2, ""},
    {"55P03", "x", "secret", "", ERROR_UNAVAILABLE, 2, ""},
    {"57014", "x", "secret", "", ERROR_UNAVAILABLE, 2, ""},
    {"53100", "x", "secret", "", ERROR_UNAVAILABLE, 2, ""},
    {"25006", "x", "secret", "", ERROR_UNAVAILABLE, 2, ""},
    {"22P02", "x", "secret", "", ERROR_INVALID, 0, ""},
    {"22021", "x", "secret", "", ERROR_INVALID, 0, ""},
    {"23505", "x", "secret", "", ERROR_INTERNAL, 0, ""},
    {"42501", "x", "secret", "", ERROR_INTERNAL, 0, ""},
    {"P0001", "not_a_member", "secret", "", ERROR_INTERNAL, 0, ""},
};

static void problems_come_from_sqlstates(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        problem why;
        const char *values[] = {ROWS[i].state, ROWS[i].message, ROWS[i].detail, ROWS[i].hint};
        assert_null(call("fail", &why, 4, values));
        if (why.code != ROWS[i].code) fail_msg("row %zu: %s", i, error_info(why.code)->name);
        assert_int_equal(why.retry_after, ROWS[i].retry_after);
        assert_string_equal(why.detail, ROWS[i].shown);
        assert_true(echoes("still there"));
    }
}

static void bad_parameters_are_invalid(void **state) {
    (void)state;
    problem why;
    assert_null(call("add", &why, 2, (const char *[]){"x", "{1}"}));
    assert_int_equal(why.code, ERROR_INVALID);
    assert_null(call("echo", &why, 1, (const char *[]){"\xff"}));
    assert_int_equal(why.code, ERROR_INVALID);
}

static void a_failure_at_the_commit_counts(void **state) {
    (void)state;
    problem why;
    assert_null(call("late", &why, 0, NULL));
    assert_int_equal(why.code, ERROR_INTERNAL);
    assert_true(echoes("still there"));
}

static void a_connection_lost_while_idle_is_not_noticed(void **state) {
    (void)state;
    assert_true(echoes("first"));
    pg("sql", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'unit_prog'");
    clock_sleep_ms(200);
    assert_true(echoes("second"));
    assert_int_equal(pg("stop", ""), 0);
    assert_int_equal(pg("start", ""), 0);
    assert_true(echoes("third"));
}

static void one_lost_during_a_call_is_unavailable(void **state) {
    (void)state;
    problem why;
    if (fork() == 0) {
        clock_sleep_ms(400);
        _exit(
            pg("sql", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'unit_prog'"));
    }
    assert_true(echoes("connected"));
    assert_null(call("wait", &why, 1, (const char *[]){"5"}));
    assert_int_equal(why.code, ERROR_UNAVAILABLE);
    assert_true(echoes("at once again"));
}

static void a_database_that_is_away_comes_back(void **state) {
    (void)state;
    problem why;
    assert_true(echoes("first"));
    assert_int_equal(pg("crash", ""), 0);
    assert_null(call("echo", &why, 1, (const char *[]){"x"}));
    assert_int_equal(why.code, ERROR_UNAVAILABLE);
    assert_int_equal(why.retry_after, 2);
    int64_t from = clock_ms();
    for (int i = 0; i < 1000; i++)
        assert_false(echoes("x"));
    assert_true(clock_ms() - from < 1000); // it does not try to connect each time
    assert_int_equal(pg("start", ""), 0);
    assert_true(comes_back());
}

typedef struct setting {
    const char *set;
    enum db_check verdict, unsafe;
} setting;

static const setting SETTINGS[] = {
    {"fsync = 'off'", DB_REFUSED, DB_GOOD},
    {"encoding = 'SQL_ASCII'", DB_REFUSED, DB_REFUSED},
    {"server_version = 150014", DB_REFUSED, DB_REFUSED},
    {"version = 0", DB_REFUSED, DB_REFUSED},
    {"min_program = 1000000", DB_REFUSED, DB_REFUSED},
    {"min_program = 1", DB_GOOD, DB_GOOD},
};

static enum db_check verdict_of(const config *cfg, const db_call *calls, size_t count) {
    db *d = db_create(cfg, "prog", calls, count);
    enum db_check verdict = db_connect(d);
    db_destroy(d);
    return verdict;
}

static void unfit_databases_are_refused(void **state) {
    (void)state;
    char text[200];
    config unsafe = pg_config;
    unsafe.allow_unsafe_database = true;
    for (size_t i = 0; i < sizeof SETTINGS / sizeof SETTINGS[0]; i++) {
        snprintf(text, sizeof text, "UPDATE api.setting SET %s", SETTINGS[i].set);
        assert_int_equal(pg("sql", text), 0);
        assert_int_equal(verdict_of(&pg_config, PG_CALLS, PG_CALLS_COUNT), SETTINGS[i].verdict);
        assert_int_equal(verdict_of(&unsafe, PG_CALLS, PG_CALLS_COUNT), SETTINGS[i].unsafe);
        pg("sql",
           "UPDATE api.setting SET fsync = 'on', encoding = 'UTF8', server_version = 150015, version = 1000, "
           "min_program = 1");
    }
    const db_call missing = {"missing", "text"};
    assert_int_equal(verdict_of(&pg_config, &missing, 1), DB_REFUSED);
    config nobody = pg_config;
    nobody.role_prefix = "other_";
    assert_int_equal(verdict_of(&nobody, PG_CALLS, PG_CALLS_COUNT), DB_AWAY);
}

static void functions_made_anew_are_found(void **state) {
    (void)state;
    assert_true(echoes("first"));
    pg("sql",
       "BEGIN; DROP FUNCTION api.echo; CREATE FUNCTION api.echo(value text) RETURNS text LANGUAGE sql AS "
       "'SELECT value'; COMMIT");
    assert_true(echoes("second"));
    pg("sql", "BEGIN; DROP FUNCTION api.echo; CREATE FUNCTION api.echo(value text) RETURNS TABLE (a text, b "
              "text) LANGUAGE "
              "sql AS 'SELECT value, value'; COMMIT");
    assert_false(echoes("another shape")); // this one call
    assert_true(echoes("third"));
    pg("sql",
       "BEGIN; DROP FUNCTION api.echo; CREATE FUNCTION api.echo(value text) RETURNS text LANGUAGE sql AS "
       "'SELECT value'; COMMIT");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(calls_are_answered, begin, end),
        cmocka_unit_test_setup_teardown(problems_come_from_sqlstates, begin, end),
        cmocka_unit_test_setup_teardown(bad_parameters_are_invalid, begin, end),
        cmocka_unit_test_setup_teardown(a_failure_at_the_commit_counts, begin, end),
        cmocka_unit_test_setup_teardown(a_connection_lost_while_idle_is_not_noticed, begin, end),
        cmocka_unit_test_setup_teardown(one_lost_during_a_call_is_unavailable, begin, end),
        cmocka_unit_test_setup_teardown(a_database_that_is_away_comes_back, begin, end),
        cmocka_unit_test_setup_teardown(unfit_databases_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(functions_made_anew_are_found, begin, end),
    };
    return cmocka_run_group_tests(tests, pg_make, pg_remove);
}
