// SPDX-License-Identifier: Apache-2.0
// login.fcgi --hash-password: how the installation makes the first administrator's password into what the
// database keeps. Refuses a password that the rules refuse. Nothing of it is logged.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/account.h"
#include "lib/options.h"
#include "login/handlers.h"

// One line without its end; false when there is none or it is longer than any password.
static bool read_line(char *line, size_t cap) {
    if (fgets(line, (int)cap, stdin) == NULL) return false;
    size_t len = strcspn(line, "\r\n");
    bool whole = line[len] != '\0' || feof(stdin);
    line[len] = '\0';
    return whole;
}

static bool acceptable(const config *cfg, const char *password) {
    problem why = {.code = ERROR_NONE};
    if (text_fits(password, strlen(password), account_password_rule(cfg), "password", &why)) return true;
    fprintf(stderr, "login.fcgi: %s\n", why.detail);
    return false;
}

// The gate on Argon2id lies in run_dir, which need not be there yet, and whose files must not be made by another
// account than that of the programs: here it is a folder of its own.
static bool hash_apart(const config *cfg, const char *password, char out[PASSWORD_HASH_TEXT]) {
    char folder[] = "/tmp/parley-hash-XXXXXX", lock[sizeof folder + sizeof "/argon2.lock"];
    if (mkdtemp(folder) == NULL) return false;
    config apart = *cfg;
    apart.run_dir = folder;
    bool done = password_hash(&apart, password, out);
    snprintf(lock, sizeof lock, "%s/argon2.lock", folder);
    unlink(lock);
    rmdir(folder);
    return done;
}

int hash_password(int argc, char **argv) {
    config cfg;
    bool wanted = false;
    const option_row row = {
        "--hash-password", NULL, "hash the password on standard input", NULL, &wanted, false, true};
    int code = options_start(argc, argv, "login.fcgi", "hashes a password", &row, 1, &cfg);
    if (code != OPTIONS_GO_ON) return code;
    char line[2048], hash[PASSWORD_HASH_TEXT];
    if (!read_line(line, sizeof line) || !acceptable(&cfg, line)) return EX_USAGE;
    bool done = hash_apart(&cfg, line, hash);
    explicit_bzero(line, sizeof line);
    if (done) puts(hash);
    return done ? 0 : 1;
}
