// SPDX-License-Identifier: Apache-2.0
// Credentials: two lines are the headers Cookie and Authorization. What counts as a token is the one text of its 32 bytes.
#include "../fuzz.h"
#include "lib/credential.h"
#include "lib/token.h"

static void one_text(const char *text) {
    uint8_t bytes[200];
    char again[300];
    size_t len = strlen(text), got = base64url_decode(text, len, bytes, sizeof bytes);
    if (got == SIZE_MAX) return;
    assert(got <= sizeof bytes && base64url_encode(bytes, got, again) == len && strcmp(again, text) == 0);
    assert(token_valid(text, len) == (got == 32));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *cookie = fuzz_line(&data, &size), *authorization = fuzz_text(data, size);
    size_t len = 0;
    credential both, bare;
    const char *value = cookie_find(cookie, CREDENTIAL_COOKIE, &len);
    assert(value == NULL || (value > cookie && value + len <= cookie + strlen(cookie)));
    credential_read(&both, cookie, authorization);
    credential_read(&bare, cookie, NULL);
    assert(both.cookie_sent == (value != NULL) && bare.kind != CREDENTIAL_BEARER);
    bool good = value != NULL && token_valid(value, len);
    assert((bare.kind == CREDENTIAL_COOKIE_TOKEN) == good);
    one_text(cookie);
    one_text(authorization);
    free(cookie);
    free(authorization);
    return 0;
}
