// SPDX-License-Identifier: Apache-2.0
// The typed readers: what they hand out fits what was asked for, and where something was wrong they hand out nothing more.
#include "../fuzz.h"
#include "lib/account.h"
#include "lib/json.h"
#include "lib/message.h"
#include "lib/utf8.h"

static const config CFG = {.message_max_chars = 20, .login_min_chars = 2, .login_max_chars = 8};
static const char *const WORDS[] = {"online", "away", NULL};

static void read_plain(json_reader *in) {
    const char *text = json_want_text(in, "t", (text_rule){1, 5, TEXT_NAME});
    assert(text == NULL || (utf8_count(text, strlen(text)) <= 5 && !utf8_has_control(text, strlen(text))));
    int64_t number = json_want_int(in, "n", -3, 7, 0);
    assert(number >= -3 && number <= 7);
    const char *word = json_want_choice(in, "w", WORDS);
    assert(word == NULL || word == WORDS[0] || word == WORDS[1]);
    json_want_bool(in, "b", false);
}

static void read_message(json_reader *in, arena *a) {
    message_new m = message_read(in, &CFG, a);
    if (!json_ok(in)) return;
    size_t len = strlen(m.body);
    assert(m.conversation > 0 && strlen(m.ref) == 36 && m.mentions_count <= MESSAGE_MENTIONS_MAX);
    assert(utf8_valid(m.body, len) && !utf8_blank(m.body, len) && utf8_count(m.body, len) <= 20);
    const char *mentions = message_mentions_text(a, m.mentions, m.mentions_count);
    assert((mentions == NULL) == (m.mentions_count == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    problem parsed = {0};
    struct json_object *value = json_parse((const char *)data, size, 16, &parsed);
    if (value == NULL) return 0;
    arena *a = arena_create();
    problem why[3] = {{0}};
    json_reader in[3];
    for (int i = 0; i < 3; i++)
        in[i] = json_reader_of(value, &why[i]);
    read_plain(&in[0]);
    read_message(&in[1], a);
    const char *login = account_need_login(&in[2], &CFG, a);
    assert((login == NULL) == !json_ok(&in[2]));
    assert(login == NULL || strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789._-") == strlen(login));
    for (int i = 0; i < 3; i++)
        assert(utf8_valid(why[i].detail, strlen(why[i].detail)));
    arena_destroy(a);
    json_object_put(value);
    return 0;
}
