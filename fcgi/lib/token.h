// SPDX-License-Identifier: Apache-2.0
// Secrets: session tokens, their hashes, passwords. libsodium underneath.
// A token is 32 random bytes as base64url without padding (43 characters); the database holds only its
// hash: BLAKE2b-256 of the 43 characters (crypto_generichash, no key).
#ifndef PARLEY_LIB_TOKEN_H
#define PARLEY_LIB_TOKEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/config.h"

#define TOKEN_TEXT 44 // with the NUL
#define TOKEN_HASH 32
#define PASSWORD_HASH_TEXT 128 // crypto_pwhash_STRBYTES

// Once a process, before anything else here. Ends the process when there is no randomness.
void token_setup(void);

void token_random(char out[TOKEN_TEXT]);
// True when text has the form of a token: 43 characters of the base64url alphabet.
bool token_valid(const char *text, size_t len);
// The hash of a valid token.
void token_hash(const char *token, uint8_t out[TOKEN_HASH]);
// Compares two hashes in constant time.
bool token_equal(const uint8_t a[TOKEN_HASH], const uint8_t b[TOKEN_HASH]);
// Random bytes; and len random bytes as lower-case hex (out holds 2 * len + 1).
void token_bytes(void *out, size_t len);
void token_hex(char *out, size_t len);

// base64url without padding (RFC 4648 section 5); out holds (len * 4 + 2) / 3 + 1. Returns characters.
size_t base64url_encode(const void *bytes, size_t len, char *out);
// Strict: no padding, no blanks, unused bits zero. Returns bytes written, or SIZE_MAX. out holds cap.
size_t base64url_decode(const char *text, size_t len, void *out, size_t cap);

enum password_verdict {
    PASSWORD_WRONG,
    PASSWORD_RIGHT,
    PASSWORD_RIGHT_REHASH, // right; stored with other parameters than now configured: hash again
    PASSWORD_BUSY,         // too many at once and none became free in 5 s: answer 503
};

// Argon2id by argon2_memory_kib and argon2_passes (one lane), at most argon2_per_core at once for each
// core of the host, over all processes that share run_dir. False when busy (as above).
bool password_hash(const config *cfg, const char *password, char out[PASSWORD_HASH_TEXT]);
// stored NULL (no such account) takes as long as a wrong password does and is PASSWORD_WRONG.
enum password_verdict password_verify(const config *cfg, const char *stored, const char *password);

#endif
