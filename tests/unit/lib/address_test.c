// SPDX-License-Identifier: Apache-2.0
// Client addresses: who is believed about whom.
#include "lib/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct row {
    const char *trusted, *peer, *forwarded, *client;
    bool peer_trusted;
} row;

static const row ROWS[] = {
    {"", "1.2.3.4", NULL, "1.2.3.4", false},
    {"", "1.2.3.4", "9.9.9.9", "1.2.3.4", false},
    {"", "::ffff:1.2.3.4", NULL, "1.2.3.4", false},
    {"", "2001:DB8::1", NULL, "2001:db8::1", false},
    {"", NULL, "9.9.9.9", "0.0.0.0", false},
    {"", "", NULL, "0.0.0.0", false},
    {"", "unix:", NULL, "0.0.0.0", false},
    {"", "1.2.3.4.5", NULL, "0.0.0.0", false},
    {"10.0.0.0/8", "10.1.1.1", NULL, "10.1.1.1", true},
    {"10.0.0.0/8", "10.1.1.1", "9.9.9.9", "9.9.9.9", true},
    {"10.0.0.0/8", "11.1.1.1", "9.9.9.9", "11.1.1.1", false},
    {"10.0.0.0/8", "10.1.1.1", "6.6.6.6, 9.9.9.9", "9.9.9.9", true},
    {"10.0.0.0/8", "10.1.1.1", "6.6.6.6, 9.9.9.9, 10.2.2.2", "9.9.9.9", true},
    {"10.0.0.0/8", "10.1.1.1", " 6.6.6.6 ,9.9.9.9\t,\t10.2.2.2 ", "9.9.9.9", true},
    {"10.0.0.0/8", "10.1.1.1", "10.3.3.3,10.2.2.2", "10.3.3.3", true},
    {"10.0.0.0/8", "10.1.1.1", "nonsense", "10.1.1.1", true},
    {"10.0.0.0/8", "10.1.1.1", "6.6.6.6,nonsense,10.2.2.2", "10.2.2.2", true},
    {"10.0.0.0/8", "10.1.1.1", "", "10.1.1.1", true},
    {"10.0.0.0/8", "10.1.1.1", ",", "10.1.1.1", true},
    {"10.0.0.0/8", "10.1.1.1", "9.9.9.9,", "10.1.1.1", true},
    {"10.0.0.0/8", "10.1.1.1", "9.9.9.9:1234", "10.1.1.1", true},
    {"::1, 127.0.0.1", "::1", "2001:db8::5", "2001:db8::5", true},
    {"127.0.0.1/32", "127.0.0.2", "9.9.9.9", "127.0.0.2", false},
    {"2001:db8::/33", "2001:db8:7fff::1", "9.9.9.9", "9.9.9.9", true},
    {"2001:db8::/33", "2001:db8:8000::1", "9.9.9.9", "2001:db8:8000::1", false},
    {"0.0.0.0/0", "200.1.1.1", "9.9.9.9", "9.9.9.9", true},
    {"0.0.0.0/0", "2001:db8::1", "9.9.9.9", "2001:db8::1", false},
    {"172.16.0.0/12", "172.31.255.255", "9.9.9.9", "9.9.9.9", true},
    {"172.16.0.0/12", "172.32.0.0", "9.9.9.9", "172.32.0.0", false},
};

static void the_client_is_the_last_untrusted_hop(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        address_list trusted;
        char client[ADDRESS_TEXT];
        assert_true(address_list_parse(ROWS[i].trusted, &trusted));
        bool peer_trusted = address_client(&trusted, ROWS[i].peer, ROWS[i].forwarded, client);
        if (strcmp(client, ROWS[i].client) != 0 || peer_trusted != ROWS[i].peer_trusted)
            fail_msg("row %zu: %s", i, client);
    }
}

static void long_lists_and_texts_are_refused(void **state) {
    (void)state;
    address_list list;
    char text[1000] = "";
    for (int i = 0; i < ADDRESS_NETS_MAX; i++)
        strcat(text, "1.2.3.4/32 ");
    assert_true(address_list_parse(text, &list));
    assert_int_equal(list.count, ADDRESS_NETS_MAX);
    assert_true(address_listed(&list, "1.2.3.4"));
    assert_false(address_listed(&list, "1.2.3.5"));
    assert_false(address_listed(&list, "x"));
    strcat(text, "5.6.7.8");
    assert_false(address_list_parse(text, &list));
    memset(text, '1', sizeof text - 1);
    assert_false(address_list_parse(text, &list));
}

static void networks_are_written_as_read(void **state) {
    (void)state;
    static const char *const nets[] = {
        "10.0.0.0/8",        "0.0.0.0/0",          "::/0",
        "2001:db8::/33",     "255.255.255.255/32", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
        "::ffff:10.0.0.0/90"};
    for (size_t i = 0; i < sizeof nets / sizeof nets[0]; i++) {
        address_list list;
        char text[ADDRESS_NET_TEXT];
        assert_true(address_list_parse(nets[i], &list));
        address_net_format(&list.nets[0], text);
        assert_string_equal(text, nets[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_client_is_the_last_untrusted_hop),
        cmocka_unit_test(long_lists_and_texts_are_refused),
        cmocka_unit_test(networks_are_written_as_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
