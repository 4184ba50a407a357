// SPDX-License-Identifier: Apache-2.0
// The cross-site rule, with and without public_url.
#include "lib/site.h"

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
    const char *public_url, *host, *origin, *fetch_site;
    bool same;
} row;

#define URL "https://chat.example.org"
static const row ROWS[] = {
    {"", "h:8080", NULL, NULL, true},
    {"", "h:8080", "http://h:8080", NULL, true},
    {"", "h:8080", "http://H:8080", "same-origin", true},
    {"", "h:8080", "https://h:8080", NULL, true}, // TLS may end in front of us
    {"", "h", "http://h", NULL, true},
    {"", "h", "http://h:80", NULL, true},
    {"", "h:443", "https://h", NULL, true},
    {"", "h", "https://h:443", NULL, true},
    {"", "h", "http://h:443", NULL, false},
    {"", "[::1]:8080", "http://[::1]:8080", NULL, true},
    {"", "h:8080", "http://h:8081", NULL, false},
    {"", "h:8080", "http://h", NULL, false},
    {"", "h:8080", "http://h:80800", NULL, false},
    {"", "h:8080", "http://h:8080.evil.org", NULL, false},
    {"", "h:8080", "http://evil.org/http://h:8080", NULL, false},
    {"", "h:8080", "http://h:8080/", NULL, false},
    {"", "h:8080", "http://user@h:8080", NULL, false},
    {"", "h:8080", "null", NULL, false},
    {"", "h:8080", "", NULL, false},
    {"", "h:8080", "h:8080", NULL, false},
    {"", "h:8080", "ftp://h:8080", NULL, false},
    {"", "h:8080", "http://h:8080 ", NULL, false},
    {"", NULL, "http://h", NULL, false},
    {"", "", "http://", NULL, false},
    {"", ":80", "http://:80", NULL, false},
    {"", "h", NULL, "cross-site", false},
    {"", "h", NULL, "same-site", false},
    {"", "h", NULL, "same-origin", true},
    {"", "h", NULL, "none", true},
    {"", "h", NULL, "", false},
    {"", "h", "http://h", "cross-site", false},
    {URL, "internal:1", URL, NULL, true},
    {URL, "internal:1", URL ":443", "same-origin", true},
    {URL, "internal:1", "http://chat.example.org", NULL, false},
    {URL, "internal:1", "http://internal:1", NULL, false},
    {URL, "internal:1", URL ".evil.org", NULL, false},
    {URL, "internal:1", "https://evil-chat.example.org", NULL, false},
    {URL, "internal:1", URL ":8443", NULL, false},
    {URL ":8443", "x", URL ":8443", NULL, true},
    {URL ":8443", "x", URL, NULL, false},
};

static void foreign_requests_are_told_apart(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const row *r = &ROWS[i];
        if (site_same(r->public_url, r->host, r->origin, r->fetch_site) != r->same)
            fail_msg("row %zu: %s", i, r->origin == NULL ? "-" : r->origin);
    }
}

static void urls_have_no_path(void **state) {
    (void)state;
    char longest[400];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memcpy(longest, "https://", 8);
    assert_true(site_url_valid("http://localhost:8080"));
    assert_true(site_url_valid("https://x/"));
    assert_false(site_url_valid("https://x/y"));
    assert_false(site_url_valid("https://x//"));
    assert_false(site_url_valid("https://"));
    assert_false(site_url_valid("/"));
    assert_false(site_url_valid(""));
    assert_false(site_url_valid("javascript:x"));
    assert_false(site_url_valid(longest));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_requests_are_told_apart),
        cmocka_unit_test(urls_have_no_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
