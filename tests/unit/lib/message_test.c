// SPDX-License-Identifier: Apache-2.0
// Rules of messages: what passes and what does not.
#include "lib/message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const config cfg = {.message_max_chars = 5};
static arena *memory;

#define REF "\"ref\":\"123e4567-e89b-12d3-a456-426614174000\""
#define CONV "\"conversation\":\"7\""

typedef struct row {
    const char *text;
    bool good;
} row;

static const row ROWS[] = {
    {"{" REF "," CONV ",\"body\":\"hello\"}", true},
    {"{" REF "," CONV ",\"body\":\"a\\nb\\u0007\"}", true},
    {"{" REF "," CONV ",\"body\":\"x\",\"reply_to\":1,\"thread\":9007199254740991,\"mentions\":[\"1\",\"2\"],"
     "\"attachments\":[]}",
     true},
    {"{" REF "," CONV
     ",\"body\":\"x\",\"reply_to\":null,\"mentions\":null,\"attachments\":null,\"other\":{}}",
     true},
    {"{" REF "," CONV ",\"body\":\"hello!\"}", false},
    {"{" REF "," CONV ",\"body\":\" \\t\\n\"}", false},
    {"{" REF "," CONV ",\"body\":\"\"}", false},
    {"{" REF "," CONV "}", false},
    {"{" REF ",\"body\":\"x\"}", false},
    {"{" CONV ",\"body\":\"x\"}", false},
    {"{" REF ",\"conversation\":7,\"body\":\"x\"}", false},
    {"{" REF "," CONV ",\"body\":\"x\",\"reply_to\":0}", false},
    {"{" REF "," CONV ",\"body\":\"x\",\"reply_to\":-1}", false},
    {"{" REF "," CONV ",\"body\":\"x\",\"reply_to\":9007199254740992}", false},
    {"{" REF "," CONV ",\"body\":\"x\",\"reply_to\":\"1\"}", false},
    {"{" REF "," CONV ",\"body\":\"x\",\"mentions\":[1]}", false},
    {"{" REF "," CONV ",\"body\":\"x\",\"mentions\":{}}", false},
    {"{" REF "," CONV ",\"body\":\"x\",\"attachments\":[{}]}", false},
};

static void messages_are_judged(void **state) {
    (void)state;
    memory = arena_create();
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        problem why = {0};
        struct json_object *object = json_parse(ROWS[i].text, strlen(ROWS[i].text), 16, &why);
        assert_non_null(object);
        json_reader in = json_reader_of(object, &why);
        message_new m = message_read(&in, &cfg, memory);
        if (json_ok(&in) != ROWS[i].good) fail_msg("%s: %s", ROWS[i].text, why.detail);
        if (ROWS[i].good) assert_int_equal(m.conversation, 7);
        json_object_put(object);
    }
    arena_destroy(memory);
}

static const row EMOJI[] = {
    {"{\"emoji\":\"👍\"}", true},
    {"{\"emoji\":\"👩‍👩‍👧‍👦\"}", true},
    {"{\"emoji\":\":tada:\"}", true},
    {"{\"emoji\":\"a b\"}", false},
    {"{\"emoji\":\"\"}", false},
    {"{\"emoji\":\"\\u200d\"}", false},
    {"{\"emoji\":\"\\n\"}", false},
    {"{}", false},
    {"{\"emoji\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}", false},
};

static void an_emoji_is_one_short_word(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof EMOJI / sizeof EMOJI[0]; i++) {
        problem why = {0};
        struct json_object *object = json_parse(EMOJI[i].text, strlen(EMOJI[i].text), 16, &why);
        json_reader in = json_reader_of(object, &why);
        if ((message_emoji(&in) != NULL) != EMOJI[i].good) fail_msg("%s", EMOJI[i].text);
        json_object_put(object);
    }
}

static void mentions_become_an_array(void **state) {
    (void)state;
    const int64_t ids[] = {INT64_MAX, INT64_MAX, 1};
    arena *a = arena_create();
    assert_null(message_mentions_text(a, NULL, 0));
    assert_string_equal(message_mentions_text(a, ids, 3), "{9223372036854775807,9223372036854775807,1}");
    arena_destroy(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_are_judged),
        cmocka_unit_test(an_emoji_is_one_short_word),
        cmocka_unit_test(mentions_become_an_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
