// SPDX-License-Identifier: Apache-2.0
// Tokens, base64url and passwords.
#include "lib/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static char run_dir[] = "/tmp/parley-token-XXXXXX";
static config small = {.argon2_memory_kib = 64, .argon2_passes = 1, .argon2_per_core = 1};

static void tokens_have_one_form_and_differ(void **state) {
    (void)state;
    char first[TOKEN_TEXT], second[TOKEN_TEXT];
    for (int i = 0; i < 1000; i++) {
        token_random(first);
        token_random(second);
        assert_int_equal(strlen(first), 43);
        assert_true(token_valid(first, 43));
        assert_string_not_equal(first, second);
    }
}

static const char *const BAD_TOKENS[] = {
    "",
    "x",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",   // 42
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", // 44
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+A",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/A",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA A",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB", // bits behind the last byte
    "\xc3\xa4"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
};

static void other_forms_are_no_tokens(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof BAD_TOKENS / sizeof BAD_TOKENS[0]; i++)
        if (token_valid(BAD_TOKENS[i], strlen(BAD_TOKENS[i]))) fail_msg("taken: %s", BAD_TOKENS[i]);
    assert_false(token_valid("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0", 43));
}

static void hashes_are_of_the_text(void **state) {
    (void)state;
    uint8_t a[TOKEN_HASH], b[TOKEN_HASH];
    // BLAKE2b-256 of 43 times 'A', as Python's hashlib.blake2b(b"A" * 43, digest_size=32) gives it.
    static const char expected[] = "6342b384e5d6294c5df1110132b93b97b395a2ff4cca498af637b3e06b3095dd";
    char hex[2 * TOKEN_HASH + 1] = "";
    token_hash("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", a);
    for (size_t i = 0; i < TOKEN_HASH; i++)
        snprintf(hex + 2 * i, 3, "%02x", a[i]);
    assert_string_equal(hex, expected);
    token_hash("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", b);
    assert_true(token_equal(a, b));
    b[31] ^= 1;
    assert_false(token_equal(a, b));
}

typedef struct row {
    const char *bytes, *text;
} row;

static const row BASE64[] = {
    // RFC 4648 section 10, and the two characters of this alphabet
    {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
    {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xbf", "-_-_"},
};
static const char *const BAD_BASE64[] = {"Z", "Zg==", "Zh", "Zm9", "Zm 8", "Zm8\n", "+/+/", "Zm9vY"};

static void base64url_is_strict(void **state) {
    (void)state;
    char text[32], bytes[32];
    for (size_t i = 0; i < sizeof BASE64 / sizeof BASE64[0]; i++) {
        size_t len = strlen(BASE64[i].bytes);
        assert_int_equal(base64url_encode(BASE64[i].bytes, len, text), strlen(BASE64[i].text));
        assert_string_equal(text, BASE64[i].text);
        assert_int_equal(base64url_decode(text, strlen(text), bytes, sizeof bytes), len);
        assert_memory_equal(bytes, BASE64[i].bytes, len);
    }
    for (size_t i = 0; i < sizeof BAD_BASE64 / sizeof BAD_BASE64[0]; i++)
        if (base64url_decode(BAD_BASE64[i], strlen(BAD_BASE64[i]), bytes, sizeof bytes) != SIZE_MAX)
            fail_msg("taken: %s", BAD_BASE64[i]);
    assert_true(base64url_decode("Zm9vYmFy", 8, bytes, 5) == SIZE_MAX);
}

static void random_hex_is_as_long_as_asked(void **state) {
    (void)state;
    char text[301];
    for (size_t len = 0; len <= 150; len += 30) {
        token_hex(text, len);
        text[2 * len] = '\0';
        assert_int_equal(strspn(text, "0123456789abcdef"), 2 * len);
    }
}

static void passwords_are_hashed_and_known_again(void **state) {
    (void)state;
    char first[PASSWORD_HASH_TEXT], second[PASSWORD_HASH_TEXT];
    assert_true(password_hash(&small, "correct horse", first));
    assert_true(password_hash(&small, "correct horse", second));
    assert_string_not_equal(first, second);
    assert_memory_equal(first, "$argon2id$v=19$m=64,t=1,p=1$", 28);
    assert_int_equal(password_verify(&small, first, "correct horse"), PASSWORD_RIGHT);
    assert_int_equal(password_verify(&small, first, "correct horsf"), PASSWORD_WRONG);
    assert_int_equal(password_verify(&small, first, ""), PASSWORD_WRONG);
    assert_int_equal(password_verify(&small, "", "x"), PASSWORD_WRONG);
    assert_int_equal(password_verify(&small, "rubbish", "x"), PASSWORD_WRONG);
    config other = small;
    other.argon2_passes = 2;
    assert_int_equal(password_verify(&other, first, "correct horse"), PASSWORD_RIGHT_REHASH);
    assert_int_equal(password_verify(&other, first, "wrong"), PASSWORD_WRONG);
}

static void long_passwords_count_to_the_last_byte(void **state) {
    (void)state;
    char hash[PASSWORD_HASH_TEXT], password[1025];
    memset(password, 'x', 1024);
    password[1024] = '\0';
    assert_true(password_hash(&small, password, hash));
    assert_int_equal(password_verify(&small, hash, password), PASSWORD_RIGHT);
    password[1023] = 'y';
    assert_int_equal(password_verify(&small, hash, password), PASSWORD_WRONG);
}

// CPU time, in ticks: other work on the machine does not count.
static clock_t took(const config *cfg, const char *stored) {
    clock_t from = clock();
    for (int i = 0; i < 5; i++)
        assert_int_equal(password_verify(cfg, stored, "wrong"), PASSWORD_WRONG);
    return clock() - from;
}

// Not a statistical proof: that nobody's password costs the same kind of work at all.
static void nobodys_password_takes_as_long(void **state) {
    (void)state;
    char hash[PASSWORD_HASH_TEXT];
    config heavy = small;
    heavy.argon2_memory_kib = 4096;
    heavy.argon2_passes = 2;
    assert_true(password_hash(&heavy, "right", hash));
    took(&heavy, hash);
    clock_t somebody = took(&heavy, hash), nobody = took(&heavy, NULL);
    if (nobody < somebody / 3 || nobody > somebody * 3)
        fail_msg("%ld against %ld ticks", (long)nobody, (long)somebody);
}

// A holder that dies gives its place back; more than there are places wait.
static void the_gate_holds_over_processes(void **state) {
    (void)state;
    config heavy = small;
    heavy.argon2_memory_kib = 32768;
    heavy.argon2_passes = 4;
    char hash[PASSWORD_HASH_TEXT];
    pid_t children[8];
    for (int i = 0; i < 8; i++) {
        children[i] = fork();
        if (children[i] == 0) _exit(password_hash(&heavy, "x", hash) ? 0 : 1);
    }
    kill(children[0], SIGKILL);
    for (int i = 0; i < 8; i++) {
        int status = 0;
        waitpid(children[i], &status, 0);
        assert_true(i == 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 0));
    }
    assert_true(password_hash(&small, "x", hash));
}

static void without_its_lock_file_the_gate_is_shut(void **state) {
    (void)state;
    char hash[PASSWORD_HASH_TEXT];
    config lost = small;
    lost.run_dir = "/nonexistent";
    assert_false(password_hash(&lost, "x", hash));
    assert_int_equal(password_verify(&lost, NULL, "x"), PASSWORD_BUSY);
}

static int make_dir(void **state) {
    (void)state;
    token_setup();
    log_setup("unit", LEVEL_OFF);
    small.run_dir = mkdtemp(run_dir);
    return small.run_dir == NULL;
}

static int remove_dir(void **state) {
    (void)state;
    char path[100];
    snprintf(path, sizeof path, "%s/argon2.lock", run_dir);
    remove(path);
    return rmdir(run_dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_have_one_form_and_differ),
        cmocka_unit_test(other_forms_are_no_tokens),
        cmocka_unit_test(hashes_are_of_the_text),
        cmocka_unit_test(base64url_is_strict),
        cmocka_unit_test(random_hex_is_as_long_as_asked),
        cmocka_unit_test(passwords_are_hashed_and_known_again),
        cmocka_unit_test(long_passwords_count_to_the_last_byte),
        cmocka_unit_test(nobodys_password_takes_as_long),
        cmocka_unit_test(the_gate_holds_over_processes),
        cmocka_unit_test(without_its_lock_file_the_gate_is_shut),
    };
    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
