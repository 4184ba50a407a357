// SPDX-License-Identifier: Apache-2.0
// The credential of a request, out of the values of its Cookie and Authorization headers, for
// FastCGI programs and relays alike. Pure functions over header texts.
#ifndef PARLEY_LIB_CREDENTIAL_H
#define PARLEY_LIB_CREDENTIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/token.h"

#define CREDENTIAL_COOKIE "parley_session"

enum credential_kind { CREDENTIAL_NONE, CREDENTIAL_COOKIE_TOKEN, CREDENTIAL_BEARER, CREDENTIAL_BAD };

typedef struct credential {
    enum credential_kind kind;
    bool cookie_sent;         // a parley_session cookie came, whichever credential counts
    uint8_t hash[TOKEN_HASH]; // set for CREDENTIAL_COOKIE_TOKEN and CREDENTIAL_BEARER
} credential;

// The value of a cookie (RFC 6265 section 5.4), the first of that name: pointer into header and
// its length, quotes removed; NULL when there is none. header may be NULL.
const char *cookie_find(const char *header, const char *name, size_t *len);

// Authorization: Bearer wins over the cookie; another scheme is ignored; a token that has not the form
// of one is CREDENTIAL_BAD. Either header may be NULL.
void credential_read(credential *out, const char *cookie, const char *authorization);

#endif
