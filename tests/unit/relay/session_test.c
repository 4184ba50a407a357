// SPDX-License-Identifier: Apache-2.0
// Sessions on a transport made of paper, without a database: what is queued, in which state, what is dropped at the bound,
// and how a session ends.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mem.h"
#include "relay/core.h"
#include "relay/keeper.h"
#include "relay/lease.h"
#include "relay/presence.h"
#include "relay/session.h"
#include "relay/transport.h"

#define BOUND 4096

// --- a transport that writes to paper -----------------------------------------------------------------------------

struct paper {
    char text[65536]; // one line a frame
    int frames;
    bool choked;
    enum error end; // ERROR_NONE = open
};

static void take(struct session *s, struct paper *p) {
    buf out;
    struct event *lone;
    if (s->queue.count == 0) return;
    buf_init(&out, BUF_NO_LIMIT);
    session_take(s, &out, &lone);
    size_t len = strlen(p->text);
    snprintf(p->text + len, sizeof p->text - len, "%s\n", lone ? lone->frame : out.data);
    p->frames++;
    event_unref(lone);
    buf_free(&out);
}

static void paper_flush(struct session *s) {
    struct paper *p = s->pipe;
    if (!p->choked) take(s, p);
}

static bool paper_idle(const struct session *s) {
    const struct paper *p = s->pipe;
    return !p->choked;
}

static void paper_end(struct session *s) {
    struct paper *p = s->pipe;
    take(s, p);
    p->end = s->end->code;
    session_unref(s);
}

static const struct transport PAPER = {"paper", paper_flush, paper_idle, paper_end};

// --- a relay without a database -----------------------------------------------------------------------------------

static uv_loop_t loop;
static config cfg;
static struct relay relay;

static int setup(void **state) {
    (void)state;
    char *environment[] = {"PARLEY_DATABASE=host=/nowhere", "PARLEY_LIVE_SESSIONS_MAX=3", NULL};
    assert_true(config_load(&cfg, NULL, environment, stderr));
    cfg.queue_bytes = BOUND;
    log_setup("test", LEVEL_OFF);
    uv_loop_init(&loop);
    relay = (struct relay){.cfg = &cfg, .loop = &loop, .name = "a", .socket = "", .region = ""};
    sessions_start(&relay);
    presence_start(&relay);
    lease_start(&relay);
    keeper_start(&relay);
    assert_true(core_start(&relay));
    return 0;
}

static int teardown(void **state) {
    (void)state;
    sessions_stop(&relay);
    core_destroy(&relay);
    keeper_stop(&relay);
    lease_destroy(&relay);
    presence_destroy(&relay);
    uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop);
}

// With a reference of the transport's and one of the caller's.
static struct session *open_on(struct paper *p) {
    *p = (struct paper){.choked = false};
    return session_ref(session_ref(session_open(&relay, &PAPER, p, "10.0.0.1")));
}

static void say(struct session *s, const char *word, enum event_kind kind) {
    session_printf(s, kind, "\"%s\"", word);
}

static void turn(void) {
    sessions_flush(&relay);
}

static void written(struct paper *p, const char *wanted) {
    assert_string_equal(p->text, wanted);
    p->text[0] = '\0';
}

// Fills the queue of a choked session to just below its bound, with events of 101 bytes.
static void fill(struct session *s, enum event_kind kind) {
    char word[99];
    memset(word, 'x', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    while (s->queue.bytes + 101 < BOUND)
        say(s, word, kind);
}

// --- tests --------------------------------------------------------------------------------------------------------

static void one_turn_is_one_frame(void **state) {
    (void)state;
    static struct paper p;
    struct session *s = open_on(&p);
    say(s, "a", EVENT_NORMAL);
    turn();
    say(s, "b", EVENT_NORMAL);
    say(s, "c", EVENT_LIGHT);
    say(s, "d", EVENT_ANSWER);
    assert_string_equal(p.text, "[\"a\"]\n");
    turn();
    written(&p, "[\"a\"]\n[\"b\",\"c\",\"d\"]\n");
    turn();
    assert_int_equal(p.frames, 2);
    session_unref(s);
}

static void what_waited_goes_in_order(void **state) {
    (void)state;
    static struct paper p;
    struct session *s = open_on(&p);
    p.choked = true;
    for (int i = 0; i < 20; i++) {
        session_printf(s, EVENT_NORMAL, "%d", i);
        turn();
    }
    assert_int_equal(p.frames, 0);
    p.choked = false;
    session_wake(s);
    turn();
    written(&p, "[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19]\n");
    assert_ptr_equal(s->queue.slots, s->queue.own); // what the burst needed was given back
    session_unref(s);
}

static void the_light_ones_go_first(void **state) {
    (void)state;
    static struct paper p;
    struct session *s = open_on(&p);
    p.choked = true;
    say(s, "kept", EVENT_NORMAL);
    fill(s, EVENT_LIGHT);
    fill(s, EVENT_NORMAL);
    say(s,
        "a word that does not fit any more, long enough for it to be sure of that, of about one hundred "
        "bytes",
        EVENT_NORMAL);
    assert_int_equal(s->state, SESSION_NEW);
    assert_true(s->missed_presence);
    p.choked = false;
    turn();
    assert_ptr_equal(strstr(p.text, "[\"kept\",\"a word"), p.text);
    session_unref(s);
}

static void a_light_one_never_drops_others(void **state) {
    (void)state;
    static struct paper p;
    struct session *s = open_on(&p);
    p.choked = true;
    fill(s, EVENT_NORMAL);
    size_t before = s->queue.bytes;
    char word[200];
    memset(word, 'y', sizeof word - 1);
    word[sizeof word - 1] = '\0';
    say(s, word, EVENT_LIGHT);
    assert_int_equal(s->queue.bytes, before);
    assert_int_equal(s->state, SESSION_NEW);
    session_unref(s);
}

static void beyond_the_bound_it_is_behind(void **state) {
    (void)state;
    static struct paper p;
    struct session *s = open_on(&p);
    session_become(s, SESSION_LIVE);
    p.choked = true;
    fill(s, EVENT_NORMAL);
    fill(s, EVENT_NORMAL);
    session_printf(s, EVENT_NORMAL, "\"%0200d\"", 0);
    assert_int_equal(s->state, SESSION_BEHIND);
    say(s, "no", EVENT_NORMAL);
    say(s, "no", EVENT_LIGHT);
    say(s, "sent", EVENT_ANSWER);
    p.choked = false;
    turn();
    written(&p, "[{\"type\":\"behind\"},\"sent\"]\n");
    session_become(s, SESSION_HELLO);
    say(s, "welcome", EVENT_NORMAL);
    turn();
    written(&p, "[\"welcome\"]\n");
    session_unref(s);
}

static void a_peer_that_reads_is_never_behind(void **state) {
    (void)state;
    static struct paper p;
    struct session *s = open_on(&p);
    for (int i = 0; i < 200; i++)
        session_printf(s, EVENT_NORMAL, "\"%0100d\"", i);
    assert_int_equal(s->state, SESSION_NEW);
    turn();
    assert_true(p.frames > 1);
    session_unref(s);
}

static void a_huge_event_alone_passes(void **state) {
    (void)state;
    static struct paper p;
    struct session *s = open_on(&p);
    session_printf(s, EVENT_NORMAL, "\"%06000d\"", 0);
    turn();
    assert_int_equal(strlen(p.text), 6005);
    session_unref(s);
}

static void bye_is_the_last_event(void **state) {
    static const struct {
        enum error code;
        int reconnect_ms;
        const char *last;
    } ends[] = {
        {ERROR_RESTART, 1500, "[\"a\",{\"type\":\"bye\",\"reason\":\"restart\",\"reconnect_ms\":1500}]\n"},
        {ERROR_UNAVAILABLE, 700,
         "[\"a\",{\"type\":\"bye\",\"reason\":\"unavailable\",\"reconnect_ms\":700}]\n"},
        {ERROR_REVOKED, 0, "[\"a\",{\"type\":\"bye\",\"reason\":\"revoked\"}]\n"},
        {ERROR_TOO_MANY_CONNECTIONS, 0, "[\"a\",{\"type\":\"bye\",\"reason\":\"too_many\"}]\n"},
        {ERROR_MALFORMED, 0, "[\"a\"]\n"},
        {ERROR_UNAUTHENTICATED, 0, "[\"a\"]\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        static struct paper p;
        struct session *s = open_on(&p);
        say(s, "a", EVENT_NORMAL);
        session_end(s, ends[i].code, ends[i].reconnect_ms);
        session_end(s, ERROR_INTERNAL, 0); // once
        say(s, "b", EVENT_ANSWER);
        assert_int_equal(p.end, ERROR_NONE); // not from within
        turn();
        assert_int_equal(p.end, ends[i].code);
        written(&p, ends[i].last);
        session_unref(s);
    }
    assert_int_equal(session_count(&relay), 0);
}

static void the_oldest_of_too_many_ends(void **state) {
    (void)state;
    static struct paper p[5];
    for (int i = 0; i < 5; i++) {
        struct session *s = open_on(&p[i]);
        session_identified(s, i == 1 ? 8 : 7, 70 + i);
        session_unref(s);
    }
    turn();
    assert_int_equal(p[0].end, ERROR_TOO_MANY_CONNECTIONS);
    for (int i = 1; i < 5; i++)
        assert_int_equal(p[i].end, ERROR_NONE);
    assert_int_equal(session_of_account(&relay, 7)->login_id, 72);
    assert_int_equal(session_of_account(&relay, 8)->login_id, 71);
    assert_null(session_of_account(&relay, 9));
}

static void revoking_ends_all_of_a_login(void **state) {
    (void)state;
    static struct paper p[3];
    for (int i = 0; i < 3; i++) {
        struct session *s = open_on(&p[i]);
        session_identified(s, 7, 70 + i / 2);
        session_unref(s);
    }
    session_revoke(&relay, 70);
    turn();
    assert_int_equal(p[0].end, ERROR_REVOKED);
    assert_int_equal(p[1].end, ERROR_REVOKED);
    assert_int_equal(p[2].end, ERROR_NONE);
    session_revoke(&relay, 71);
    turn();
    assert_int_equal(p[2].end, ERROR_REVOKED);
    assert_null(session_next(&relay, NULL));
}

// The answer to a hello that was on its way meanwhile is older than the end.
static void who_asked_before_the_end_learns_of_it(void **state) {
    (void)state;
    session_revoke(&relay, 70);
    uint64_t before = session_revocations(&relay);
    session_revoke(&relay, 71);
    assert_true(session_revoked_since(&relay, before, 71));
    assert_false(session_revoked_since(&relay, before, 70));
    assert_false(session_revoked_since(&relay, session_revocations(&relay), 71));
    for (int i = 0; i < 5000; i++)
        session_revoke(&relay, 1000 + i);
    assert_true(session_revoked_since(&relay, before, 70)); // too long ago to say
}

static void a_reference_outlives_the_end(void **state) {
    (void)state;
    static struct paper p;
    struct session *s = open_on(&p);
    session_lost(s);
    session_unref(s); // the transport's
    turn();
    assert_true(session_ended(s));
    assert_null(s->core);
    assert_int_equal(session_count(&relay), 0);
    session_unref(s);
}

static void a_silent_one_is_not_authenticated(void **state) {
    (void)state;
    static struct paper p[2];
    struct session *silent = open_on(&p[0]);
    struct session *fresh = open_on(&p[1]);
    silent->opened_ms -= 10500;
    for (int i = 0; i < 100 && p[0].end == ERROR_NONE; i++)
        uv_run(&loop, UV_RUN_ONCE);
    assert_int_equal(p[0].end, ERROR_UNAUTHENTICATED);
    assert_int_equal(p[1].end, ERROR_NONE);
    session_unref(silent);
    session_unref(fresh);
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(one_turn_is_one_frame),
        CASE(what_waited_goes_in_order),
        CASE(the_light_ones_go_first),
        CASE(a_light_one_never_drops_others),
        CASE(beyond_the_bound_it_is_behind),
        CASE(a_peer_that_reads_is_never_behind),
        CASE(a_huge_event_alone_passes),
        CASE(bye_is_the_last_event),
        CASE(the_oldest_of_too_many_ends),
        CASE(revoking_ends_all_of_a_login),
        CASE(who_asked_before_the_end_learns_of_it),
        CASE(a_reference_outlives_the_end),
        CASE(a_silent_one_is_not_authenticated),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
