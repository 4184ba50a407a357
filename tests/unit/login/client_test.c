// SPDX-License-Identifier: Apache-2.0
// Names of devices and keys of throttles.
#include "login/client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct agent {
    const char *text, *device;
} agent;

static const agent AGENTS[] = {
    {"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"},
    {"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 "
     "Safari/537.36",
     "Chrome on Windows"},
    {"Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 "
     "Edg/130.0",
     "Edge on Windows"},
    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17 "
     "Safari/605.1.15",
     "Safari on macOS"},
    {"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Mobile/15E148 "
     "Safari/604.1",
     "Safari on iPhone"},
    {"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Mobile "
     "Safari/537.36",
     "Chrome on Android"},
    {"Mozilla/5.0 (Plan9) Firefox/140.0", "Firefox"},
    {"Mozilla/5.0 (something else)", "Mozilla/5.0 (something else)"},
    {"curl/8.5.0", "curl/8.5.0"},
    {"our bot, Firefox/1 on Linux", "our bot, Firefox/1 on Linux"},
    {"", "Unknown device"},
    {"  \t", "Unknown device"},
    {"bad\x01 one", "Unknown device"},
};

static void devices_have_names(void **state) {
    (void)state;
    arena *a = arena_create();
    for (size_t i = 0; i < sizeof AGENTS / sizeof AGENTS[0]; i++)
        assert_string_equal(client_device(a, AGENTS[i].text), AGENTS[i].device);
    arena_destroy(a);
}

static void long_names_are_cut_between_characters(void **state) {
    (void)state;
    arena *a = arena_create();
    char agent_text[200];
    memset(agent_text, 'x', sizeof agent_text);
    memcpy(agent_text + 79, "\xe2\x82\xac", 4);
    assert_int_equal(strlen(client_device(a, agent_text)), 79);
    arena_destroy(a);
}

static void keys_are_addresses_or_networks(void **state) {
    (void)state;
    static const char *const pairs[][2] = {
        {"192.0.2.7", "192.0.2.7"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8:1:2::9", "2001:db8:1:2::/64"},
        {"::1", "::/64"},
        {"::ffff:192.0.2.7", "::ffff:192.0.2.7"},
        {"0.0.0.0", "0.0.0.0"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char key[CLIENT_KEY];
        client_key(pairs[i][0], key);
        assert_string_equal(key, pairs[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_have_names),
        cmocka_unit_test(long_names_are_cut_between_characters),
        cmocka_unit_test(keys_are_addresses_or_networks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
