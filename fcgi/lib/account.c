// SPDX-License-Identifier: Apache-2.0
// Rules of accounts. See account.h. Only ASCII is folded: no other letter is allowed in a login.
#include "lib/account.h"

#include <string.h>

static char fold(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const char *account_login_fold(const config *cfg, arena *a, const char *text) {
    size_t len = strlen(text);
    if (len < (size_t)cfg->login_min_chars || len > (size_t)cfg->login_max_chars) return NULL;
    char *login = arena_copy(a, text, len);
    for (char *c = login; *c != '\0'; c++)
        *c = fold(*c);
    return login[strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789._-")] == '\0' ? login : NULL;
}

const char *account_need_login(json_reader *in, const config *cfg, arena *a) {
    const char *text = json_need_text(in, "login", (text_rule){0, cfg->body_max_bytes, TEXT_ANY});
    if (text == NULL) return NULL;
    const char *login = account_login_fold(cfg, a, text);
    if (login == NULL)
        json_wrong(in, "login",
                   arena_printf(a, "%d to %d of a-z, 0-9, dot, underscore and hyphen", cfg->login_min_chars,
                                cfg->login_max_chars));
    return login;
}

text_rule account_name_rule(const config *cfg) {
    return (text_rule){1, cfg->display_name_max_chars, TEXT_NAME};
}

text_rule account_password_rule(const config *cfg) {
    return (text_rule){cfg->password_min_bytes, cfg->password_max_bytes, TEXT_BYTES};
}
