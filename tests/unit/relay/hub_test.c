// SPDX-License-Identifier: Apache-2.0
// The hub: who is told what, in which order, whatever the order in which it learns of it. Each session writes what it is
// sent as one line of short words; a case is a list of steps and the line expected.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/mem.h"
#include "relay/hub.h"

#define ADA 1
#define BOB 2
#define EVE 3
#define HALL 100
#define YARD 200

struct ear {
    struct hub_session session;
    char heard[1024];
    char asked[256]; // what ops.read said: "HALL@7 "
};

static void on_send(void *owner, struct event *e, enum event_kind kind) {
    struct ear *ear = owner;
    size_t len = strlen(ear->heard);
    snprintf(ear->heard + len, sizeof ear->heard - len, "%.*s%s ", (int)e->len, event_text(e),
             kind == EVENT_LIGHT ? "~" : "");
}

static void on_read(void *owner, int64_t conversation, int64_t mod) {
    struct ear *ear = owner;
    size_t len = strlen(ear->asked);
    snprintf(ear->asked + len, sizeof ear->asked - len, "%d@%d ", (int)conversation, (int)mod);
}

static const struct hub_ops OPS = {on_send, on_read};

static int setup(void **state) {
    *state = hub_create(&OPS);
    return 0;
}

static int teardown(void **state) {
    hub_destroy(*state);
    return 0;
}

// What was heard or asked since the last look.
static void expect(char *text, const char *wanted) {
    assert_string_equal(text, wanted);
    *text = '\0';
}

static void heard(struct ear *ear, const char *wanted) {
    expect(ear->heard, wanted);
}

static void asked(struct ear *ear, const char *wanted) {
    expect(ear->asked, wanted);
}

// Events are written {N}, so that the ref can be seen to go in after the brace.
static void message(struct hub *h, int conversation, int mod, int sender) {
    char text[32];
    int len = snprintf(text, sizeof text, "{%d}", mod);
    hub_message(h, conversation, mod, sender, "r", text, (size_t)len);
}

static void row(struct hub *h, int conversation, char kind, int mod, int subject) {
    char text[32];
    int len = snprintf(text, sizeof text, "{%c%d}", kind, mod);
    hub_row(h, conversation, kind, mod, subject, kind == 'm' ? "r" : NULL, text, (size_t)len);
}

static void account_row(struct hub *h, int account, char kind, int account_mod, int conversation, int mod) {
    char text[32];
    int len = snprintf(text, sizeof text, "{%c:%d}", kind, account_mod);
    hub_account_row(h, account, kind, account_mod, conversation, mod, text, (size_t)len);
}

// A session that is live at once: its hello read everything and missed nothing.
static void enter_held(struct hub *h, struct ear *ear, int account, int account_mod,
                       const struct hub_place *places, size_t n) {
    *ear = (struct ear){0};
    hub_enter(h, &ear->session, ear, account, account_mod, places, n, hub_serial(h));
}

static void enter(struct hub *h, struct ear *ear, int account, int account_mod,
                  const struct hub_place *places, size_t n) {
    enter_held(h, ear, account, account_mod, places, n);
    assert_true(hub_account_caught(h, &ear->session, account_mod));
    hub_release(h, &ear->session, places, n);
}

static const struct hub_place HALL5 = {HALL, 5};

// What the hub wants read, as "100>5 ".
static void wants(struct hub *h, const char *wanted) {
    struct hub_place places[8];
    char text[128] = "";
    size_t n = hub_wanted(h, places, 8);
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%d>%d ", (int)places[i].conversation, (int)places[i].mod);
    }
    assert_string_equal(text, wanted);
}

static void wants_accounts(struct hub *h, const char *wanted) {
    struct hub_place places[8];
    char text[128] = "";
    size_t n = hub_accounts_wanted(h, places, 8);
    for (size_t i = 0; i < n; i++) {
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%d>%d ", (int)places[i].conversation, (int)places[i].mod);
    }
    assert_string_equal(text, wanted);
}

// --- delivery -----------------------------------------------------------------------------------------------------

static void messages_go_to_all_and_the_ref_to_the_sender(void **state) {
    struct hub *h = *state;
    struct ear ada, other, bob;
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter(h, &other, ADA, 1, &HALL5, 1);
    enter(h, &bob, BOB, 1, &HALL5, 1);
    message(h, HALL, 6, ADA);
    heard(&ada, "{\"ref\":\"r\",6} ");
    heard(&other, "{\"ref\":\"r\",6} ");
    heard(&bob, "{6} ");
    message(h, YARD, 1, ADA);
    heard(&bob, "");
    wants(h, "");
}

static void what_came_before_is_ignored(void **state) {
    struct hub *h = *state;
    struct ear bob;
    enter(h, &bob, BOB, 1, &HALL5, 1);
    message(h, HALL, 5, ADA);
    message(h, HALL, 6, ADA);
    message(h, HALL, 6, ADA);
    hub_hint(h, HALL, 6);
    heard(&bob, "{6} ");
    wants(h, "");
}

static void a_gap_is_read_before_anything_later(void **state) {
    struct hub *h = *state;
    struct ear bob;
    enter(h, &bob, BOB, 1, &HALL5, 1);
    message(h, HALL, 8, ADA);
    heard(&bob, "");
    wants(h, "100>5 ");
    message(h, HALL, 9, ADA);
    wants(h, ""); // it is on its way
    row(h, HALL, 'm', 6, ADA);
    row(h, HALL, 'm', 8, ADA);
    hub_row_end(h, HALL, 8);
    heard(&bob, "{m6} {m8} ");
    wants(h, "100>8 "); // 9 was told meanwhile
    row(h, HALL, 'm', 9, ADA);
    hub_row_end(h, HALL, 9);
    message(h, HALL, 10, ADA);
    heard(&bob, "{m9} {10} ");
    wants(h, "");
}

static void a_message_told_while_a_gap_is_read_is_not_told_twice(void **state) {
    struct hub *h = *state;
    struct ear bob;
    enter(h, &bob, BOB, 1, &HALL5, 1);
    hub_hint(h, HALL, 7);
    wants(h, "100>5 ");
    message(h, HALL, 6, ADA); // late, but the next
    row(h, HALL, 'm', 6, ADA);
    row(h, HALL, 'c', 7, 0);
    hub_row_end(h, HALL, 7);
    heard(&bob, "{6} {c7} ");
    wants(h, "");
}

static void a_page_that_was_cut_goes_on_where_it_ended(void **state) {
    struct hub *h = *state;
    struct ear bob;
    enter(h, &bob, BOB, 1, &HALL5, 1);
    hub_hint(h, HALL, 9);
    wants(h, "100>5 ");
    row(h, HALL, 'm', 7, ADA);
    hub_row_cut(h, HALL);
    wants(h, "100>7 ");
    hub_row_cut(h, HALL); // failed altogether
    wants(h, "100>7 ");
    row(h, HALL, 'm', 9, ADA);
    hub_row_end(h, HALL, 9);
    heard(&bob, "{m7} {m9} ");
    wants(h, "");
}

static void markers_and_typing_go_to_the_others(void **state) {
    struct hub *h = *state;
    struct ear ada, bob, eve;
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter(h, &bob, BOB, 1, &HALL5, 1);
    enter_held(h, &eve, EVE, 1, &HALL5, 1);
    struct event *e = event_new("{t}", 3);
    hub_tell(h, HALL, ADA, e, EVENT_LIGHT);
    hub_tell(h, YARD, ADA, e, EVENT_LIGHT);
    event_unref(e);
    heard(&ada, "");
    heard(&bob, "{t}~ ");
    heard(&eve, "");
}

static void an_edit_is_told_with_the_ref_to_its_sender_only(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter(h, &bob, BOB, 1, &HALL5, 1);
    hub_hint(h, HALL, 7);
    wants(h, "100>5 ");
    row(h, HALL, 'm', 6, ADA);
    row(h, HALL, 'u', 7, ADA);
    hub_row_end(h, HALL, 7);
    heard(&ada, "{\"ref\":\"r\",m6} {u7} ");
    heard(&bob, "{m6} {u7} ");
}

// --- members ------------------------------------------------------------------------------------------------------

static void a_removed_member_hears_nothing_after_its_removal(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter(h, &bob, BOB, 1, &HALL5, 1);
    hub_hint(h, HALL, 7);
    wants(h, "100>5 ");
    row(h, HALL, 'l', 6, BOB);
    row(h, HALL, 'm', 7, ADA);
    hub_row_end(h, HALL, 7);
    heard(&ada, "{l6} {\"ref\":\"r\",m7} ");
    heard(&bob, ""); // its own `left` comes once, from its account
    hub_account_hint(h, BOB, 2);
    wants_accounts(h, "2>1 ");
    account_row(h, BOB, '-', 2, HALL, 6);
    hub_account_end(h, BOB, 2);
    heard(&bob, "{-:2} ");
    assert_int_equal(bob.session.count, 0);
    message(h, HALL, 8, ADA);
    heard(&bob, "");
}

static void the_account_may_say_so_first(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter(h, &bob, BOB, 1, &HALL5, 1);
    hub_account_hint(h, BOB, 2);
    wants_accounts(h, "2>1 ");
    account_row(h, BOB, '-', 2, HALL, 6);
    hub_account_end(h, BOB, 2);
    heard(&bob, "{-:2} ");
    hub_hint(h, HALL, 7);
    wants(h, "100>5 ");
    row(h, HALL, 'l', 6, BOB);
    row(h, HALL, 'm', 7, ADA);
    hub_row_end(h, HALL, 7);
    heard(&bob, "");
    heard(&ada, "{l6} {\"ref\":\"r\",m7} ");
}

static void an_account_is_added_to_a_conversation_new_here(void **state) {
    struct hub *h = *state;
    struct ear bob;
    enter(h, &bob, BOB, 1, NULL, 0);
    hub_account_hint(h, BOB, 2);
    wants_accounts(h, "2>1 ");
    account_row(h, BOB, '+', 2, HALL, 7);
    hub_account_end(h, BOB, 2);
    heard(&bob, "{+:2} ");
    assert_int_equal(hub_delivered(h, HALL), 7);
    message(h, HALL, 7, ADA);
    message(h, HALL, 8, ADA);
    heard(&bob, "{8} ");
    asked(&bob, "");
}

// The row told of the conversation was of mod `row`, the hub had delivered 5.
static void added(struct hub *h, struct ear *ada, struct ear *bob, int row) {
    enter(h, ada, ADA, 1, &HALL5, 1);
    enter(h, bob, BOB, 1, NULL, 0);
    hub_account_hint(h, BOB, 2);
    wants_accounts(h, "2>1 ");
    account_row(h, BOB, '+', 2, HALL, row);
    hub_account_end(h, BOB, 2);
    heard(bob, "{+:2} ");
}

static void added_ahead_of_the_hub_drops_what_the_row_holds(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    added(h, &ada, &bob, 7);
    wants(h, "100>5 "); // it is behind
    row(h, HALL, 'm', 6, ADA);
    row(h, HALL, 'm', 7, ADA);
    hub_row_end(h, HALL, 7);
    message(h, HALL, 8, ADA);
    heard(&ada, "{\"ref\":\"r\",m6} {\"ref\":\"r\",m7} {\"ref\":\"r\",8} ");
    heard(&bob, "{8} ");
    assert_int_equal(bob.session.count, 0);
}

static void added_at_the_hubs_place_goes_on(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    added(h, &ada, &bob, 5);
    assert_int_equal(bob.session.count, 0);
    message(h, HALL, 6, ADA);
    heard(&bob, "{6} ");
}

static void added_behind_the_hub_reads_what_is_between(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    struct hub_place page[4];
    added(h, &ada, &bob, 3);
    asked(&bob, "100@3 ");
    message(h, HALL, 6, ADA);
    heard(&bob, "");
    assert_int_equal(hub_ask(&bob.session, page, 4), 1);
    assert_int_equal(page[0].mod, 3);
    assert_true(hub_page_row(h, &bob.session, HALL, 4));
    assert_false(hub_page_row(h, &bob.session, HALL, 4));
    assert_true(hub_page_row(h, &bob.session, HALL, 6));
    hub_page_end(h, &bob.session, HALL, 6);
    assert_int_equal(bob.session.reading, 0);
    message(h, HALL, 7, ADA);
    heard(&bob, "{7} ");
}

static void who_left_and_came_back_misses_nothing_between(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    struct hub_place page[4];
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter(h, &bob, BOB, 1, &HALL5, 1);
    hub_hint(h, HALL, 7);
    wants(h, "100>5 ");
    row(h, HALL, 'l', 6, BOB);
    row(h, HALL, 'm', 7, ADA);
    hub_row_end(h, HALL, 7);
    message(h, HALL, 8, ADA);
    // Added again at 9: the account's stream, which says the latest state, never told of the leaving.
    hub_account_hint(h, BOB, 3);
    wants_accounts(h, "2>1 ");
    account_row(h, BOB, '+', 3, HALL, 9);
    hub_account_end(h, BOB, 3);
    heard(&bob, "{+:3} ");
    asked(&bob, "100@6 ");
    assert_int_equal(hub_ask(&bob.session, page, 4), 1);
    assert_int_equal(page[0].mod, 6);
}

static void a_removal_of_an_earlier_membership_is_only_told(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    added(h, &ada, &bob, 9);
    wants(h, "100>5 ");
    row(h, HALL, 'l', 7, BOB); // a page read before it was added again
    hub_row_end(h, HALL, 7);
    heard(&ada, "{l7} ");
    wants(h, "100>7 ");
    row(h, HALL, 'u', 9, BOB);
    hub_row_end(h, HALL, 9);
    message(h, HALL, 10, ADA);
    heard(&bob, "{10} ");
}

static void a_hint_from_before_the_conversation_was_here_is_looked_at_again(void **state) {
    struct hub *h = *state;
    struct ear bob;
    enter(h, &bob, BOB, 1, NULL, 0);
    hub_account_hint(h, BOB, 2);
    wants_accounts(h, "2>1 ");
    message(h, HALL, 8, ADA); // nobody is in it here yet, and the row below was read before it
    account_row(h, BOB, '+', 2, HALL, 7);
    hub_account_end(h, BOB, 2);
    wants(h, "100>7 ");
}

static void a_page_from_before_it_came_back_is_thrown_away(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    struct hub_place page[4];
    added(h, &ada, &bob, 3);
    assert_int_equal(hub_ask(&bob.session, page, 4), 1);
    // Removed and added again while the page is read; the account tells only that it is in.
    hub_account_hint(h, BOB, 4);
    wants_accounts(h, "2>2 ");
    account_row(h, BOB, '+', 4, HALL, 7);
    hub_account_end(h, BOB, 4);
    hub_page_gone(h, &bob.session, HALL);
    assert_int_equal(hub_ask(&bob.session, page, 4), 1);
    assert_int_equal(page[0].mod, 3);
}

static void an_older_leaving_does_not_undo_what_the_hello_was_told(void **state) {
    struct hub *h = *state;
    struct ear ada, old, new;
    struct hub_place page[4];
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter(h, &old, BOB, 1, &HALL5, 1);
    // The new session's hello knows that BOB left at 2 and came back at 3; the hub hears of one after the other.
    struct hub_place hall4 = {HALL, 4};
    enter_held(h, &new, BOB, 3, &hall4, 1);
    assert_true(hub_account_caught(h, &new.session, 3));
    hub_release(h, &new.session, &hall4, 1);
    assert_int_equal(hub_ask(&new.session, page, 4), 1);
    wants_accounts(h, "2>1 ");
    account_row(h, BOB, '-', 2, HALL, 6);
    assert_int_equal(new.session.count, 1);
    account_row(h, BOB, '+', 3, HALL, 7);
    hub_account_end(h, BOB, 3);
    heard(&old, "{-:2} {+:3} ");
    heard(&new, "");
}

// --- hello --------------------------------------------------------------------------------------------------------

static void a_held_session_hears_nothing_and_then_reads_it(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    struct hub_place page[4];
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter_held(h, &bob, BOB, 4, &HALL5, 1);
    message(h, HALL, 6, ADA);
    heard(&bob, "");
    assert_true(hub_account_caught(h, &bob.session, 4));
    hub_release(h, &bob.session, &HALL5, 1);
    asked(&bob, "100@5 ");
    assert_int_equal(hub_ask(&bob.session, page, 4), 1);
    message(h, HALL, 7, ADA);
    assert_true(hub_page_row(h, &bob.session, HALL, 6));
    hub_page_end(h, &bob.session, HALL, 6);
    assert_int_equal(bob.session.reading, 1); // 7 was delivered meanwhile: read on
    assert_int_equal(hub_ask(&bob.session, page, 4), 1);
    assert_int_equal(page[0].mod, 6);
    assert_true(hub_page_row(h, &bob.session, HALL, 7));
    hub_page_end(h, &bob.session, HALL, 8); // the database is ahead of the hub
    wants(h, "100>7 ");
    row(h, HALL, 'c', 8, 0);
    hub_row_end(h, HALL, 8);
    message(h, HALL, 9, ADA);
    heard(&bob, "{9} ");
    assert_int_equal(bob.session.count, 0);
}

static void what_the_hello_counted_is_read_though_the_hub_has_not_heard_of_it(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    struct hub_place page[4];
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter(h, &bob, BOB, 1, &HALL5, 1);
    // No notice came of 6 and 7; ADA's hello, in the database's snapshot at 7, holds the conversation up to 5.
    struct hub_place hall7 = {HALL, 7};
    hub_leave(h, &ada.session);
    enter_held(h, &ada, ADA, 1, &hall7, 1);
    assert_true(hub_account_caught(h, &ada.session, 1));
    hub_release(h, &ada.session, &HALL5, 1);
    asked(&ada, "100@5 ");
    assert_int_equal(hub_ask(&ada.session, page, 4), 1);
    assert_true(hub_page_row(h, &ada.session, HALL, 7));
    hub_page_end(h, &ada.session, HALL, 7);
    assert_int_equal(ada.session.reading, 0);
    wants(h, "100>5 ");
    row(h, HALL, 'm', 7, BOB);
    hub_row_end(h, HALL, 7);
    heard(&ada, "");
}

static void a_hint_between_question_and_answer_is_looked_at_again(void **state) {
    struct hub *h = *state;
    struct ear bob = {0};
    uint64_t serial = hub_serial(h);
    hub_hint(h, HALL, 6); // nobody is here yet
    hub_account_hint(h, BOB, 2);
    hub_enter(h, &bob.session, &bob, BOB, 1, &HALL5, 1, serial);
    wants(h, "100>5 ");
    wants_accounts(h, "2>1 ");
}

static void a_hint_that_the_answer_holds_is_not(void **state) {
    struct hub *h = *state;
    struct ear bob = {0};
    uint64_t serial = hub_serial(h);
    hub_hint(h, HALL, 5);
    hub_hint(h, YARD, 8);
    hub_enter(h, &bob.session, &bob, BOB, 1, &HALL5, 1, serial);
    wants(h, "");
    wants_accounts(h, "");
}

static void too_many_hints_between_make_it_read_everything(void **state) {
    struct hub *h = *state;
    struct ear bob = {0};
    uint64_t serial = hub_serial(h);
    hub_hint(h, HALL, 6);
    for (int i = 0; i < 5000; i++)
        hub_hint(h, YARD, 8);
    hub_enter(h, &bob.session, &bob, BOB, 1, &HALL5, 1, serial);
    wants(h, "100>5 ");
    wants_accounts(h, "2>1 ");
}

static void the_account_is_read_on_when_the_hub_is_ahead(void **state) {
    struct hub *h = *state;
    struct ear old, new;
    enter(h, &old, BOB, 4, &HALL5, 1);
    enter_held(h, &new, BOB, 4, &HALL5, 1);
    hub_account_hint(h, BOB, 6);
    wants_accounts(h, "2>4 ");
    account_row(h, BOB, 'r', 6, HALL, 0);
    hub_account_end(h, BOB, 6);
    heard(&old, "{r:6} ");
    heard(&new, "");
    assert_false(hub_account_caught(h, &new.session, 4));
    assert_true(hub_account_caught(h, &new.session, 7)); // further than the hub
    wants_accounts(h, "2>6 ");
    account_row(h, BOB, 'd', 7, HALL, 0);
    account_row(h, BOB, 'd', 8, HALL, 0);
    hub_account_end(h, BOB, 8);
    heard(&old, "{d:7} {d:8} ");
    heard(&new, "{d:8} ");
}

static void added_while_held_is_told_to_the_hello(void **state) {
    struct hub *h = *state;
    struct ear bob;
    enter_held(h, &bob, BOB, 1, NULL, 0);
    hub_account_hint(h, BOB, 2);
    wants_accounts(h, "2>1 ");
    account_row(h, BOB, '+', 2, HALL, 7);
    hub_account_end(h, BOB, 2);
    heard(&bob, "");
    asked(&bob, "100@7 ");
}

static void a_place_the_hub_does_not_know_yet_waits_for_the_account(void **state) {
    struct hub *h = *state;
    struct ear old, new;
    struct hub_place page[4];
    enter(h, &old, BOB, 1, NULL, 0);
    struct hub_place hall7 = {HALL, 7};
    enter_held(h, &new, BOB, 2, &hall7, 1);
    assert_true(hub_account_caught(h, &new.session, 2));
    hub_release(h, &new.session, &hall7, 1);
    assert_int_equal(new.session.reading, 0);
    wants_accounts(h, "2>1 ");
    account_row(h, BOB, '+', 2, HALL, 9);
    hub_account_end(h, BOB, 2);
    heard(&old, "{+:2} ");
    heard(&new, ""); // told by its own hello
    asked(&old, "");
    asked(&new, "100@7 ");
    assert_int_equal(hub_ask(&new.session, page, 4), 1);
    assert_int_equal(page[0].mod, 7);
}

static void a_conversation_it_was_not_told_of_stays_silent(void **state) {
    struct hub *h = *state;
    struct ear ada, old, new;
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter(h, &old, BOB, 1, &HALL5, 1);
    // BOB was removed; the hub has not heard of it, the new session's hello has.
    enter_held(h, &new, BOB, 2, NULL, 0);
    assert_true(hub_account_caught(h, &new.session, 2));
    hub_release(h, &new.session, NULL, 0);
    message(h, HALL, 6, ADA);
    heard(&old, "{6} ");
    heard(&new, "");
}

static void a_page_of_who_was_removed_is_thrown_away(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    struct hub_place page[4];
    added(h, &ada, &bob, 3);
    assert_int_equal(hub_ask(&bob.session, page, 4), 1);
    hub_account_hint(h, BOB, 3);
    wants_accounts(h, "2>2 ");
    account_row(h, BOB, '-', 3, HALL, 6);
    hub_account_end(h, BOB, 3);
    assert_false(hub_page_row(h, &bob.session, HALL, 4));
    hub_page_end(h, &bob.session, HALL, 5);
    assert_int_equal(bob.session.count, 0);
    assert_false(hub_member(h, &bob.session, HALL));
}

static void a_page_asked_for_an_earlier_membership_is_thrown_away(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    struct hub_place page[4];
    added(h, &ada, &bob, 4);
    assert_int_equal(hub_ask(&bob.session, page, 4), 1);
    hub_account_hint(h, BOB, 4);
    wants_accounts(h, "2>2 ");
    account_row(h, BOB, '-', 3, HALL, 6);
    account_row(h, BOB, '+', 4, HALL, 3);
    hub_account_end(h, BOB, 4);
    assert_int_equal(bob.session.reading, 1);
    assert_false(hub_page_row(h, &bob.session, HALL, 5)); // it began above 4, now from 3 on is wanted
    assert_int_equal(hub_ask(&bob.session, page, 4), 1);
    assert_int_equal(page[0].mod, 3);
}

static void the_page_says_it_is_not_in_it(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    struct hub_place page[4];
    added(h, &ada, &bob, 3);
    assert_int_equal(hub_ask(&bob.session, page, 4), 1);
    hub_page_gone(h, &bob.session, HALL);
    assert_int_equal(bob.session.reading, 0);
    message(h, HALL, 6, ADA);
    heard(&bob, "");
    hub_account_hint(h, BOB, 3);
    wants_accounts(h, "2>2 ");
    account_row(h, BOB, '-', 3, HALL, 6);
    hub_account_end(h, BOB, 3);
    heard(&bob, "{-:3} ");
    assert_int_equal(bob.session.count, 0);
}

// --- leaving ------------------------------------------------------------------------------------------------------

static void who_leaves_takes_everything_along(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    const struct hub_place both[] = {{HALL, 5}, {YARD, 2}};
    enter(h, &ada, ADA, 1, both, 2);
    enter(h, &bob, BOB, 1, &HALL5, 1);
    hub_leave(h, &ada.session);
    hub_leave(h, &ada.session);
    assert_int_equal(hub_delivered(h, YARD), -1);
    message(h, HALL, 6, ADA);
    heard(&bob, "{6} ");
    hub_leave(h, &bob.session);
    assert_int_equal(hub_conversations(h), 0);
    assert_int_equal(hub_accounts(h), 0);
}

static void rows_asked_for_those_who_left_are_not_for_those_who_came(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    enter(h, &ada, ADA, 1, &HALL5, 1);
    hub_hint(h, HALL, 7);
    wants(h, "100>5 ");
    hub_leave(h, &ada.session);
    struct hub_place hall3 = {HALL, 3};
    enter(h, &bob, BOB, 1, &hall3, 1);
    row(h, HALL, 'm', 7, ADA); // above 5, but above 3 there is more
    hub_row_end(h, HALL, 7);
    heard(&bob, "");
    assert_int_equal(hub_delivered(h, HALL), 3);
}

static void another_epoch_forgets_all(void **state) {
    struct hub *h = *state;
    struct ear ada, bob;
    enter(h, &ada, ADA, 1, &HALL5, 1);
    enter_held(h, &bob, BOB, 1, &HALL5, 1);
    hub_clear(h);
    assert_int_equal(hub_conversations(h), 0);
    assert_int_equal(hub_accounts(h), 0);
    assert_null(ada.session.account);
    enter(h, &ada, ADA, 1, &HALL5, 1);
    message(h, HALL, 6, BOB);
    heard(&ada, "{6} ");
}

static void everything_is_compared(void **state) {
    struct hub *h = *state;
    struct ear ada;
    enter(h, &ada, ADA, 1, &HALL5, 1);
    hub_want_all(h);
    hub_want_all(h);
    wants(h, "100>5 ");
    wants_accounts(h, "1>1 ");
    hub_row_end(h, HALL, 5);
    hub_account_end(h, ADA, 1);
    wants(h, "");
    wants_accounts(h, "");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(messages_go_to_all_and_the_ref_to_the_sender),
        CASE(what_came_before_is_ignored),
        CASE(a_gap_is_read_before_anything_later),
        CASE(a_message_told_while_a_gap_is_read_is_not_told_twice),
        CASE(a_page_that_was_cut_goes_on_where_it_ended),
        CASE(markers_and_typing_go_to_the_others),
        CASE(an_edit_is_told_with_the_ref_to_its_sender_only),
        CASE(a_removed_member_hears_nothing_after_its_removal),
        CASE(the_account_may_say_so_first),
        CASE(an_account_is_added_to_a_conversation_new_here),
        CASE(added_ahead_of_the_hub_drops_what_the_row_holds),
        CASE(added_at_the_hubs_place_goes_on),
        CASE(added_behind_the_hub_reads_what_is_between),
        CASE(who_left_and_came_back_misses_nothing_between),
        CASE(a_removal_of_an_earlier_membership_is_only_told),
        CASE(a_hint_from_before_the_conversation_was_here_is_looked_at_again),
        CASE(a_page_from_before_it_came_back_is_thrown_away),
        CASE(an_older_leaving_does_not_undo_what_the_hello_was_told),
        CASE(a_held_session_hears_nothing_and_then_reads_it),
        CASE(what_the_hello_counted_is_read_though_the_hub_has_not_heard_of_it),
        CASE(a_hint_between_question_and_answer_is_looked_at_again),
        CASE(a_hint_that_the_answer_holds_is_not),
        CASE(too_many_hints_between_make_it_read_everything),
        CASE(the_account_is_read_on_when_the_hub_is_ahead),
        CASE(added_while_held_is_told_to_the_hello),
        CASE(a_place_the_hub_does_not_know_yet_waits_for_the_account),
        CASE(a_conversation_it_was_not_told_of_stays_silent),
        CASE(a_page_of_who_was_removed_is_thrown_away),
        CASE(a_page_asked_for_an_earlier_membership_is_thrown_away),
        CASE(the_page_says_it_is_not_in_it),
        CASE(who_leaves_takes_everything_along),
        CASE(rows_asked_for_those_who_left_are_not_for_those_who_came),
        CASE(another_epoch_forgets_all),
        CASE(everything_is_compared),
    };
    return cmocka_run_group_tests_name("hub", tests, NULL, NULL);
}
