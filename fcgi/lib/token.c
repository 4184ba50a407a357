// SPDX-License-Identifier: Apache-2.0
// Tokens, base64url and passwords. See token.h.
// The gate on Argon2id is a file of locks, one byte a place (open file description locks): it holds over
// processes, and a place is free again when its holder dies.
#include "lib/token.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"

#define GATE_WAIT_MS 5000
#define GATE_STEP_MS 10
#define BASE64_VARIANT sodium_base64_VARIANT_URLSAFE_NO_PADDING

_Static_assert(PASSWORD_HASH_TEXT == crypto_pwhash_STRBYTES, "room for libsodium's hash text");
_Static_assert(TOKEN_HASH >= crypto_generichash_BYTES_MIN && TOKEN_HASH <= crypto_generichash_BYTES_MAX,
               "BLAKE2b");

void token_setup(void) {
    if (sodium_init() >= 0) return;
    log_error(NULL, "libsodium does not start");
    exit(1);
}

void token_bytes(void *out, size_t len) {
    randombytes_buf(out, len);
}

void token_hex(char *out, size_t len) {
    uint8_t bytes[64];
    for (size_t done = 0; done < len;) {
        size_t some = len - done < sizeof bytes ? len - done : sizeof bytes;
        token_bytes(bytes, some);
        sodium_bin2hex(out + 2 * done, 2 * some + 1, bytes, some);
        done += some;
    }
}

void token_random(char out[TOKEN_TEXT]) {
    uint8_t secret[32];
    token_bytes(secret, sizeof secret);
    base64url_encode(secret, sizeof secret, out);
    sodium_memzero(secret, sizeof secret);
}

bool token_valid(const char *text, size_t len) {
    uint8_t secret[32];
    bool good = len == TOKEN_TEXT - 1 && base64url_decode(text, len, secret, sizeof secret) == sizeof secret;
    sodium_memzero(secret, sizeof secret);
    return good;
}

void token_hash(const char *token, uint8_t out[TOKEN_HASH]) {
    crypto_generichash(out, TOKEN_HASH, (const unsigned char *)token, strlen(token), NULL, 0);
}

bool token_equal(const uint8_t a[TOKEN_HASH], const uint8_t b[TOKEN_HASH]) {
    return sodium_memcmp(a, b, TOKEN_HASH) == 0;
}

size_t base64url_encode(const void *bytes, size_t len, char *out) {
    sodium_bin2base64(out, sodium_base64_encoded_len(len, BASE64_VARIANT), bytes, len, BASE64_VARIANT);
    return strlen(out);
}

// libsodium's decoder takes some bytes above 0x7f for characters of the alphabet (1.0.18): looked at first.
static bool in_alphabet(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i], low = c | 0x20;
        bool good = (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        if (!good) return false;
    }
    return true;
}

size_t base64url_decode(const char *text, size_t len, void *out, size_t cap) {
    size_t wrote = 0;
    const char *end = NULL;
    if (!in_alphabet(text, len)) return SIZE_MAX;
    if (sodium_base642bin(out, cap, text, len, NULL, &wrote, &end, BASE64_VARIANT) != 0) return SIZE_MAX;
    return end == text + len ? wrote : SIZE_MAX;
}

// --- passwords ---

static bool lock_place(int file, int place) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place, .l_len = 1};
    return fcntl(file, F_OFD_SETLK, &lock) == 0;
}

// Waits for one of the places. Returns the file whose closing gives it back, or -1 when none became free
// in time or the lock file cannot be had.
static int gate_enter(const config *cfg) {
    char path[4096];
    snprintf(path, sizeof path, "%s/argon2.lock", cfg->run_dir);
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0660);
    if (file < 0) {
        log_error(NULL, "password gate: %s: %s", path, strerror(errno));
        return -1;
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int places = cfg->argon2_per_core * (int)(cores < 1 ? 1 : cores);
    int64_t until = clock_ms() + GATE_WAIT_MS;
    do {
        for (int place = 0; place < places; place++)
            if (lock_place(file, place)) return file;
        clock_sleep_ms(GATE_STEP_MS);
    } while (clock_ms() < until);
    log_warn(NULL, "password gate: all %d places taken for %d ms", places, GATE_WAIT_MS);
    close(file);
    return -1;
}

static unsigned long long passes(const config *cfg) {
    return (unsigned long long)cfg->argon2_passes;
}

static size_t memory(const config *cfg) {
    return (size_t)cfg->argon2_memory_kib * 1024;
}

bool password_hash(const config *cfg, const char *password, char out[PASSWORD_HASH_TEXT]) {
    int gate = gate_enter(cfg);
    if (gate < 0) return false;
    int failed = crypto_pwhash_str_alg(out, password, strlen(password), passes(cfg), memory(cfg),
                                       crypto_pwhash_ALG_ARGON2ID13);
    close(gate);
    if (failed != 0) log_error(NULL, "Argon2id has no memory (%d KiB)", cfg->argon2_memory_kib);
    return failed == 0;
}

// The hash of nobody's password, with the configured cost: 16 bytes of salt and 32 of hash, all zero.
static void nobody(const config *cfg, char out[PASSWORD_HASH_TEXT]) {
    snprintf(out, PASSWORD_HASH_TEXT, "$argon2id$v=19$m=%d,t=%d,p=1$%.22s$%.43s", cfg->argon2_memory_kib,
             cfg->argon2_passes, "AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
}

enum password_verdict password_verify(const config *cfg, const char *stored, const char *password) {
    char hash[PASSWORD_HASH_TEXT] = "";
    if (stored == NULL)
        nobody(cfg, hash);
    else if (strlen(stored) < sizeof hash)
        memcpy(hash, stored, strlen(stored) + 1);
    int gate = gate_enter(cfg);
    if (gate < 0) return PASSWORD_BUSY;
    bool right = crypto_pwhash_str_verify(hash, password, strlen(password)) == 0 && stored != NULL;
    close(gate);
    if (!right) return PASSWORD_WRONG;
    return crypto_pwhash_str_needs_rehash(hash, passes(cfg), memory(cfg)) == 0 ? PASSWORD_RIGHT
                                                                               : PASSWORD_RIGHT_REHASH;
}
