// SPDX-License-Identifier: Apache-2.0
// libpq on a loop against a real server: order, fates, notifications, losing the connection and finding it again.
#include "lib/pgloop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lib/clock.h"
#include "pg_fixture.h"

#define CALLS_MAX 3000

// What was seen of one pgloop.
typedef struct seen {
    pgloop *pg;
    int ups, downs, notes;
    char note[8000];
    char epoch[100];
    int done;                          // calls ended
    enum pgloop_fate fates[CALLS_MAX]; // in the order they ended
    char answers[CALLS_MAX][40];
} seen;

static uv_loop_t loop;
static seen s;
static arena *memory;

static void on_up(void *arg, const char *epoch) {
    seen *mine = arg;
    mine->ups++;
    snprintf(mine->epoch, sizeof mine->epoch, "%s", epoch);
}

static void on_down(void *arg) {
    ((seen *)arg)->downs++;
}

static void on_note(void *arg, const char *channel, const char *payload, size_t len) {
    seen *mine = arg;
    assert_string_equal(channel, "unit");
    assert_int_equal(len, strlen(payload));
    mine->notes++;
    snprintf(mine->note, sizeof mine->note, "%s", payload);
}

static void on_done(void *arg, enum pgloop_fate fate, const PGresult *result) {
    seen *mine = arg;
    const char *text = "-";
    if (fate == PGLOOP_DONE) text = PQgetisnull(result, 0, 0) ? "null" : PQgetvalue(result, 0, 0);
    if (fate == PGLOOP_FAILED) text = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    if (fate == PGLOOP_UNSENT || fate == PGLOOP_UNKNOWN) assert_null(result);
    mine->fates[mine->done] = fate;
    snprintf(mine->answers[mine->done], sizeof mine->answers[0], "%s", text);
    mine->done++;
}

static pgloop *make(const config *cfg, size_t queue_max, int answer_ms) {
    const pgloop_options options = {.name = "unit",
                                    .cfg = cfg,
                                    .program = "prog",
                                    .calls = PG_CALLS,
                                    .calls_count = PG_CALLS_COUNT,
                                    .listen = "unit",
                                    .queue_max = queue_max,
                                    .answer_ms = answer_ms,
                                    .arg = &s,
                                    .up = on_up,
                                    .down = on_down,
                                    .notify = on_note};
    return pgloop_create(&loop, &options);
}

static int begin(void **state) {
    (void)state;
    memset(&s, 0, sizeof s);
    memory = arena_create();
    uv_loop_init(&loop);
    s.pg = make(&pg_config, CALLS_MAX, 0);
    return 0;
}

static int end(void **state) {
    (void)state;
    if (s.pg != NULL) pgloop_destroy(s.pg);
    uv_run(&loop, UV_RUN_DEFAULT);
    int left = uv_loop_close(&loop);
    arena_destroy(memory);
    return left;
}

static void on_tick(uv_timer_t *timer) {
    (void)timer;
}

// Runs the loop until *counter reaches `wanted`, 5 s at most.
static void until(const int *counter, int wanted) {
    uv_timer_t tick;
    int64_t stop = clock_ms() + 5000;
    uv_timer_init(&loop, &tick);
    uv_timer_start(&tick, on_tick, 20, 20);
    while (*counter < wanted && clock_ms() < stop)
        uv_run(&loop, UV_RUN_ONCE);
    uv_close((uv_handle_t *)&tick, NULL);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(*counter, wanted);
}

static bool call(const char *name, const char *value, int wait_ms) {
    db_params p = db_params_new(memory);
    if (value != NULL) db_text(&p, value);
    return pgloop_call(s.pg, name, &p, wait_ms, on_done, &s);
}

static void calls_are_answered_in_order(void **state) {
    (void)state;
    char text[20];
    for (int i = 0; i < 500; i++) { // half of them before it is connected
        if (i == 250) until(&s.ups, 1);
        snprintf(text, sizeof text, "%d", i);
        assert_true(call("echo", text, 0));
    }
    int before = s.done;
    until(&s.done, 500);
    assert_true(before < 500);
    assert_string_equal(s.epoch, "epoch of prog");
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(s.fates[i], PGLOOP_DONE);
        assert_string_equal(s.answers[i], text);
    }
    assert_true(pgloop_idle(s.pg) && pgloop_up(s.pg));
}

static void an_error_ends_its_own_call_only(void **state) {
    (void)state;
    db_params p = db_params_new(memory);
    const char *const values[] = {"PY000", "not_a_member", "", ""};
    for (int i = 0; i < 4; i++)
        db_text(&p, values[i]);
    call("echo", "first", 0);
    pgloop_call(s.pg, "fail", &p, 0, on_done, &s);
    call("echo", "\xff", 0);
    call("late", NULL, 0);
    call("echo", "last", 0);
    until(&s.done, 5);
    static const char *const expected[] = {"first", "PY000", "22021", "23503", "last"};
    for (int i = 0; i < 5; i++)
        assert_string_equal(s.answers[i], expected[i]);
    assert_int_equal(s.downs, 0);
}

static void large_parameters_and_answers_pass(void **state) {
    (void)state;
    char *large = malloc(4000001);
    memset(large, 'y', 4000000);
    large[4000000] = '\0';
    call("echo", large, 0);
    call("large", "5000000", 0);
    call("echo", "x", 0);
    free(large); // it was copied
    until(&s.done, 3);
    assert_memory_equal(s.answers[0], "yyyy", 4);
    assert_memory_equal(s.answers[1], "xxxx", 4);
}

static void notifications_come_while_idle_and_while_busy(void **state) {
    (void)state;
    char text[8000];
    until(&s.ups, 1);
    assert_int_equal(pg("sql", "NOTIFY unit, 'from afar'"), 0);
    until(&s.notes, 1);
    assert_string_equal(s.note, "from afar");
    memset(text, 'z', 7999);
    text[7999] = '\0';
    call("shout", text, 0);
    call("shout", "own", 0);
    until(&s.notes, 3);
    assert_string_equal(s.note, "own");
    until(&s.done, 2);
}

static void a_full_queue_and_a_late_call_are_told(void **state) {
    (void)state;
    pgloop_destroy(s.pg);
    s.pg = make(&pg_config, 3, 0);
    until(&s.ups, 1);
    assert_true(call("wait", "1", 0)); // in flight
    assert_true(call("echo", "late", 200));
    assert_true(call("echo", "b", 0));
    assert_true(call("echo", "c", 0));
    assert_false(call("echo", "d", 0));
    assert_int_equal(pgloop_waiting(s.pg), 3);
    until(&s.done, 1);
    assert_int_equal(s.fates[0], PGLOOP_UNSENT);
    until(&s.done, 4);
    assert_string_equal(s.answers[1], "waited");
    assert_string_equal(s.answers[3], "c");
}

static void a_call_in_flight_when_all_breaks_is_unknown(void **state) {
    (void)state;
    until(&s.ups, 1);
    call("wait", "5", 0);
    call("echo", "waits", 0);
    call("echo", "too short", 100);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(pg("crash", ""), 0);
    until(&s.done, 2);
    assert_int_equal(s.downs, 1);
    assert_false(pgloop_up(s.pg));
    assert_true((s.fates[0] == PGLOOP_UNKNOWN) != (s.fates[1] == PGLOOP_UNKNOWN));
    assert_true((s.fates[0] == PGLOOP_UNSENT) != (s.fates[1] == PGLOOP_UNSENT));
    assert_int_equal(pg("start", ""), 0);
    until(&s.done, 3);
    assert_string_equal(s.answers[2], "waits");
    assert_int_equal(s.ups, 2);
    assert_int_equal(pg("sql", "NOTIFY unit, 'again'"), 0);
    until(&s.notes, 1);
}

static void a_terminated_backend_is_replaced(void **state) {
    (void)state;
    until(&s.ups, 1);
    call("wait", "5", 0);
    uv_run(&loop, UV_RUN_NOWAIT);
    assert_int_equal(
        pg("sql",
           "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'unit_prog'"),
        0);
    until(&s.done, 1);
    assert_int_equal(s.fates[0], PGLOOP_UNKNOWN);
    until(&s.ups, 2);
}

static void a_frozen_server_is_given_up(void **state) {
    (void)state;
    pgloop_destroy(s.pg);
    s.pg = make(&pg_config, 10, 500);
    until(&s.ups, 1);
    assert_int_equal(pg("freeze", ""), 0);
    call("echo", "x", 0);
    until(&s.done, 1);
    assert_int_equal(s.fates[0], PGLOOP_UNKNOWN);
    call("echo", "y", 0);
    until(&s.done, 2);
    assert_string_equal(s.answers[1], "y"); // by a new connection
    assert_int_equal(pg("thaw", ""), 0);
}

// Calls and reconnects from within callbacks.
static void on_done_again(void *arg, enum pgloop_fate fate, const PGresult *result) {
    db_params p = db_params_new(memory);
    db_text(&p, "nested");
    on_done(arg, fate, result);
    if (s.done < 50) assert_true(pgloop_call(s.pg, "echo", &p, 0, on_done_again, &s));
    if (s.done == 10) pgloop_reconnect(s.pg);
}

static void callbacks_may_call_and_reconnect(void **state) {
    (void)state;
    db_params p = db_params_new(memory);
    db_text(&p, "first");
    assert_true(pgloop_call(s.pg, "echo", &p, 0, on_done_again, &s));
    until(&s.done, 50);
    until(&s.ups, 2);
    assert_int_equal(s.downs, 1);
}

static void destroying_tells_every_call(void **state) {
    (void)state;
    until(&s.ups, 1);
    call("wait", "5", 0);
    call("echo", "a", 0);
    call("echo", "b", 0);
    pgloop_destroy(s.pg);
    s.pg = NULL;
    assert_int_equal(s.done, 3);
    assert_int_equal(s.fates[0], PGLOOP_UNKNOWN);
    assert_int_equal(s.fates[1], PGLOOP_UNSENT);
    assert_int_equal(s.fates[2], PGLOOP_UNSENT);
    assert_int_equal(s.downs, 0);
}

static void destroying_while_connecting_is_clean(void **state) {
    (void)state;
    for (int runs = 0; runs < 40; runs++) {
        for (int i = 0; i < runs % 20; i++)
            uv_run(&loop, UV_RUN_NOWAIT);
        pgloop_destroy(s.pg);
        s.pg = make(&pg_config, 3, 0);
    }
}

static void a_refused_database_is_said(void **state) {
    (void)state;
    assert_int_equal(pg("sql", "UPDATE api.setting SET fsync = 'off'"), 0);
    for (int i = 0; i < 200 && !pgloop_refused(s.pg); i++) {
        clock_sleep_ms(10);
        uv_run(&loop, UV_RUN_NOWAIT);
    }
    assert_true(pgloop_refused(s.pg));
    assert_int_equal(s.ups, 0);
    assert_int_equal(pg("sql", "UPDATE api.setting SET fsync = 'on'"), 0);
    until(&s.ups, 1);
    assert_false(pgloop_refused(s.pg));
}

static void nobody_there_costs_little(void **state) {
    (void)state;
    config nowhere = pg_config;
    nowhere.database = "host=/nonexistent dbname=unit";
    pgloop_destroy(s.pg);
    s.pg = make(&nowhere, 10, 0);
    call("echo", "x", 300);
    until(&s.done, 1);
    assert_int_equal(s.fates[0], PGLOOP_UNSENT);
    assert_int_equal(s.ups, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(calls_are_answered_in_order),
        TEST(an_error_ends_its_own_call_only),
        TEST(large_parameters_and_answers_pass),
        TEST(notifications_come_while_idle_and_while_busy),
        TEST(a_full_queue_and_a_late_call_are_told),
        TEST(a_call_in_flight_when_all_breaks_is_unknown),
        TEST(a_terminated_backend_is_replaced),
        TEST(a_frozen_server_is_given_up),
        TEST(callbacks_may_call_and_reconnect),
        TEST(destroying_tells_every_call),
        TEST(destroying_while_connecting_is_clean),
        TEST(a_refused_database_is_said),
        TEST(nobody_there_costs_little),
    };
    return cmocka_run_group_tests(tests, pg_make, pg_remove);
}
