// SPDX-License-Identifier: Apache-2.0
// Configuration: defaults as documented, complaints with file and line, the environment.
#include "lib/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SHIPPED "conf/parley.conf" // tests run at the top of the tree

static char complaints[8192];

// Loads what stands in text (NULL = no file) as parley.conf.
static bool load(config *out, const char *text, char *const *variables) {
    char path[] = "/tmp/parley-config-XXXXXX";
    FILE *sink = fmemopen(complaints, sizeof complaints, "w");
    int file = text == NULL ? -1 : mkstemp(path);
    FILE *writer = file < 0 ? NULL : fdopen(file, "w");
    if (writer != NULL) {
        fputs(text, writer);
        fclose(writer);
    }
    memset(complaints, 0, sizeof complaints);
    bool good = config_load(out, file < 0 ? NULL : path, variables, sink);
    fclose(sink);
    if (file >= 0) remove(path);
    return good;
}

static void defaults_are_the_contract(void **state) {
    (void)state;
    config c;
    assert_true(load(&c, NULL, NULL));
    assert_string_equal(complaints, "");
    assert_int_equal(c.body_max_bytes, 262144);
    assert_int_equal(c.message_max_chars, 16000);
    assert_int_equal(c.login_rate_limit.count, 10);
    assert_int_equal(c.login_rate_limit.seconds, 300);
    assert_int_equal(c.heartbeat, 25);
    assert_int_equal(c.registration, REGISTRATION_OPEN);
    assert_string_equal(c.role_prefix, "parley_");
    assert_false(c.allow_unsafe_database);
    assert_int_equal(c.trusted_proxies.count, 0);
    assert_false(config_https(&c));
    assert_int_equal(config_workers(&c, "history"), c.history_workers);
    assert_int_equal(config_workers(&c, "nobody"), 0);
    assert_true(config_connections(&c) <= 90);
}

// Every key stands in the shipped file with its default, and nothing else does.
static void the_shipped_file_documents_every_key(void **state) {
    (void)state;
    FILE *file = fopen(SHIPPED, "re");
    char line[400], wanted[400];
    const char *name, *initial;
    int documented = 0, keys = 0;
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL)
        documented += line[0] != '#' && line[0] != '\n';
    for (size_t i = 0; config_key(i, &name, &initial); i++, keys++) {
        bool found = false;
        snprintf(wanted, sizeof wanted, "%s =%s%s\n", name, initial[0] == '\0' ? "" : " ", initial);
        rewind(file);
        while (!found && fgets(line, sizeof line, file) != NULL)
            found = strcmp(line, wanted) == 0;
        if (!found) fail_msg(SHIPPED " lacks the line: %s", wanted);
    }
    fclose(file);
    assert_int_equal(documented, keys);
    config c;
    FILE *sink = fmemopen(complaints, sizeof complaints, "w");
    assert_true(config_load(&c, SHIPPED, NULL, sink));
    fclose(sink);
}

static void files_are_read(void **state) {
    (void)state;
    config c;
    assert_true(load(
        &c,
        "# comment\n\n heartbeat=30 # behind\nlog_level = debug\r\npublic_url = "
        "https://chat.example.org:8443/\n"
        "trusted_proxies = 10.0.0.0/8, 192.168.1.1 ::1\nregistration\t=\tinvite\nregister_rate_limit = off\n"
        "allow_unsafe_database = yes\ndatabase = host=/tmp dbname=x connect_timeout=9\nlisten = [::]:80",
        NULL));
    assert_int_equal(c.heartbeat, 30);
    assert_int_equal(c.log_level, LEVEL_DEBUG);
    assert_string_equal(c.public_url, "https://chat.example.org:8443");
    assert_true(config_https(&c));
    assert_int_equal(c.trusted_proxies.count, 3);
    assert_int_equal(c.registration, REGISTRATION_INVITE);
    assert_int_equal(c.register_rate_limit.count, 0);
    assert_true(c.allow_unsafe_database);
    assert_string_equal(c.database, "host=/tmp dbname=x connect_timeout=9");
    assert_string_equal(c.listen, "[::]:80");
}

typedef struct row {
    const char *text;
    const char *complaint; // behind the file's name
} row;

static const row BAD[] = {
    {"\nheartbeat = 0\n", ":2: heartbeat = 0: expected a whole number from 5 to 300\n"},
    {"heartbeat = \n", ":1: heartbeat = : expected a whole number from 5 to 300\n"},
    {"heartbeat = 25s\n", ":1: heartbeat = 25s: expected a whole number from 5 to 300\n"},
    {"heartbeat = 99999999999999999999\n",
     ":1: heartbeat = 99999999999999999999: expected a whole number from 5 to 300\n"},
    {"heartbeats = 25\n", ":1: heartbeats: unknown key\n"},
    {"Heartbeat = 25\n", ":1: Heartbeat: unknown key\n"},
    {"heartbeat 25\n", ":1: heartbeat 25: expected `key = value`\n"},
    {"= 25\n", ":1: : unknown key\n"},
    {"heartbeat = 25\n#\nheartbeat = 26\n", ":3: heartbeat: the key is already set in line 1\n"},
    {"login_rate_limit = 10\n", ":1: login_rate_limit = 10: expected COUNT/SECONDS such as 10/300, or off\n"},
    {"login_rate_limit = 0/5\n",
     ":1: login_rate_limit = 0/5: expected COUNT/SECONDS such as 10/300, or off\n"},
    {"registration = maybe\n", ":1: registration = maybe: expected one of open, invite, closed\n"},
    {"allow_unsafe_database = perhaps\n", ":1: allow_unsafe_database = perhaps: expected yes or no\n"},
    {"listen = 8080\n", ":1: listen = 8080: expected ADDRESS:PORT\n"},
    {"listen = 127.0.0.1:0\n", ":1: listen = 127.0.0.1:0: expected ADDRESS:PORT\n"},
    {"listen = 127.0.0.1:70000\n", ":1: listen = 127.0.0.1:70000: expected ADDRESS:PORT\n"},
    {"run_dir = relative\n", ":1: run_dir = relative: expected an absolute path of at most 80 bytes\n"},
    {"database = dbname=x user=me\n",
     ":1: database = dbname=x user=me: expected a libpq connection string without user and password\n"},
    {"database = dbname=x nonsense=1\n",
     ":1: database = dbname=x nonsense=1: expected a libpq connection string without user and password\n"},
    {"role_prefix = Bad-\n",
     ":1: role_prefix = Bad-: expected 1 to 40 of a-z, 0-9 and _, not beginning with a digit\n"},
    {"region = a\x01"
     "b\n",
     ":1: region = a?b: expected at most 32 of a-z, 0-9 and -\n"},
    {"region = \xff\n", ":1: region = \xff: expected at most 32 of a-z, 0-9 and -\n"},
};

static const char *const BAD_URLS[] = {"chat.example.org", "ftp://x",     "https://",
                                       "https://x/path",   "https://x?y", "https://u@x"};
static const char *const BAD_NETS[] = {"localhost", "10.0.0.0/33", "10.0.0",
                                       "::1/129",   "10.0.0.1/",   "1.2.3.4;5.6.7.8"};

static void bad_values_are_named_with_their_line(void **state) {
    (void)state;
    config c;
    char text[200];
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        assert_false(load(&c, BAD[i].text, NULL));
        const char *colon = strchr(complaints, ':');
        assert_non_null(colon);
        assert_string_equal(colon, BAD[i].complaint);
    }
    for (size_t i = 0; i < sizeof BAD_URLS / sizeof BAD_URLS[0]; i++) {
        snprintf(text, sizeof text, "public_url = %s\n", BAD_URLS[i]);
        if (load(&c, text, NULL)) fail_msg("taken: %s", text);
    }
    for (size_t i = 0; i < sizeof BAD_NETS / sizeof BAD_NETS[0]; i++) {
        snprintf(text, sizeof text, "trusted_proxies = %s\n", BAD_NETS[i]);
        if (load(&c, text, NULL)) fail_msg("taken: %s", text);
    }
}

static void all_complaints_come_at_once(void **state) {
    (void)state;
    config c;
    assert_false(load(&c, "a = 1\nheartbeat = x\nb = 2\n", NULL));
    assert_non_null(strstr(complaints, ":1: a: unknown key\n"));
    assert_non_null(strstr(complaints, ":2: heartbeat = x: "));
    assert_non_null(strstr(complaints, ":3: b: unknown key\n"));
    assert_false(load(&c, "page_default = 300\n", NULL));
    assert_string_equal(complaints, "page_default = 300: expected at most page_max = 200\n");
}

static void a_missing_file_and_a_long_line_are_refused(void **state) {
    (void)state;
    config c;
    char text[6000];
    FILE *sink = fmemopen(complaints, sizeof complaints, "w");
    assert_false(config_load(&c, "/nonexistent/parley.conf", NULL, sink));
    fclose(sink);
    assert_string_equal(complaints, "/nonexistent/parley.conf: No such file or directory\n");
    memset(text, '#', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_false(load(&c, text, NULL));
    assert_false(load(&c, "", (char *[]){"PARLEY_X=1", NULL}));
}

static void the_environment_overrides(void **state) {
    (void)state;
    config c;
    char *good[] = {"PATH=/bin",
                    "PARLEY_HEARTBEAT=40",
                    "PARLEY_REGISTER_RATE_LIMIT=off",
                    "PARLEY_TEST_ANYTHING=x",
                    "PARLEY",
                    NULL};
    assert_true(load(&c, "heartbeat = 30\n", good));
    assert_int_equal(c.heartbeat, 40);
    assert_int_equal(c.register_rate_limit.count, 0);
    char *bad[] = {"PARLEY_HEARTBEAT=0", "PARLEY_NOTHING=1", "PARLEY_heartbeat=30", "PARLEY_=1", NULL};
    assert_false(load(&c, NULL, bad));
    assert_string_equal(complaints,
                        "PARLEY_HEARTBEAT = 0: expected a whole number from 5 to 300\n"
                        "PARLEY_NOTHING: unknown key\nPARLEY_heartbeat: unknown key\nPARLEY_: unknown key\n");
}

static void what_is_printed_is_a_configuration(void **state) {
    (void)state;
    config first, second;
    char printed[8192] = "", again[8192] = "";
    assert_true(
        load(&first,
             "trusted_proxies = 10.0.0.0/8 ::1 1.2.3.4\nregister_rate_limit = off\npublic_url = https://x\n",
             NULL));
    FILE *out = fmemopen(printed, sizeof printed, "w");
    config_print(&first, out);
    fclose(out);
    assert_true(load(&second, printed, NULL));
    out = fmemopen(again, sizeof again, "w");
    config_print(&second, out);
    fclose(out);
    assert_string_equal(printed, again);
    assert_non_null(strstr(printed, "trusted_proxies = 10.0.0.0/8, ::1/128, 1.2.3.4/32\n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_the_contract),
        cmocka_unit_test(the_shipped_file_documents_every_key),
        cmocka_unit_test(files_are_read),
        cmocka_unit_test(bad_values_are_named_with_their_line),
        cmocka_unit_test(all_complaints_come_at_once),
        cmocka_unit_test(a_missing_file_and_a_long_line_are_refused),
        cmocka_unit_test(the_environment_overrides),
        cmocka_unit_test(what_is_printed_is_a_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
