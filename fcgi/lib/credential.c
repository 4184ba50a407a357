// SPDX-License-Identifier: Apache-2.0
// Cookie and bearer credentials. See credential.h.
#include "lib/credential.h"

#include <string.h>
#include <strings.h>

static const char *skip_blanks(const char *p) {
    return p + strspn(p, " \t");
}

const char *cookie_find(const char *header, const char *name, size_t *len) {
    size_t name_len = strlen(name);
    if (header == NULL) return NULL;
    for (const char *p = skip_blanks(header); *p != '\0'; p = skip_blanks(p)) {
        size_t pair = strcspn(p, ";");
        if (pair > name_len && p[name_len] == '=' && memcmp(p, name, name_len) == 0) {
            const char *value = p + name_len + 1;
            size_t n = pair - name_len - 1;
            while (n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'))
                n--;
            bool quoted = n >= 2 && value[0] == '"' && value[n - 1] == '"';
            *len = quoted ? n - 2 : n;
            return quoted ? value + 1 : value;
        }
        p += pair;
        if (*p == ';') p++;
    }
    return NULL;
}

static void take_token(credential *out, enum credential_kind kind, const char *text, size_t len) {
    char token[TOKEN_TEXT];
    if (!token_valid(text, len)) {
        out->kind = CREDENTIAL_BAD;
        return;
    }
    memcpy(token, text, TOKEN_TEXT - 1);
    token[TOKEN_TEXT - 1] = '\0';
    token_hash(token, out->hash);
    out->kind = kind;
}

// The token of "Bearer TOKEN" (RFC 6750 section 2.1; the scheme in any case); NULL for other schemes.
static const char *bearer_of(const char *authorization, size_t *len) {
    static const char scheme[] = "bearer";
    if (authorization == NULL) return NULL;
    const char *p = skip_blanks(authorization);
    if (strncasecmp(p, scheme, sizeof scheme - 1) != 0) return NULL;
    p += sizeof scheme - 1;
    if (*p != ' ' && *p != '\t' && *p != '\0') return NULL;
    p = skip_blanks(p);
    size_t n = strlen(p);
    while (n > 0 && (p[n - 1] == ' ' || p[n - 1] == '\t'))
        n--;
    *len = n;
    return p;
}

void credential_read(credential *out, const char *cookie, const char *authorization) {
    *out = (credential){.kind = CREDENTIAL_NONE};
    size_t cookie_len = 0, bearer_len = 0;
    const char *in_cookie = cookie_find(cookie, CREDENTIAL_COOKIE, &cookie_len);
    const char *bearer = bearer_of(authorization, &bearer_len);
    out->cookie_sent = in_cookie != NULL;
    if (bearer != NULL)
        take_token(out, CREDENTIAL_BEARER, bearer, bearer_len);
    else if (in_cookie != NULL)
        take_token(out, CREDENTIAL_COOKIE_TOKEN, in_cookie, cookie_len);
}
