// SPDX-License-Identifier: Apache-2.0
// The handlers of routes.c, by the file they are in.
#ifndef PARLEY_LOGIN_HANDLERS_H
#define PARLEY_LOGIN_HANDLERS_H

#include "web/web.h"

extern const web_program login_program; // routes.c

// register.c
void post_register(request *r);
// session.c
void post_login(request *r);
void post_logout(request *r);
void get_sessions(request *r);
void delete_session(request *r);
// password.c
void post_password(request *r);
// me.c
void get_me(request *r);
void patch_me(request *r);
// directory.c
void get_accounts(request *r);
void get_relays(request *r);
void get_health(request *r);

// hash_password.c
// login.fcgi --hash-password: a password, one line on standard input, becomes its hash, one line on standard
// output. For the installation. Returns the exit code.
int hash_password(int argc, char **argv);

// common.c: answers 429 when row's retry_after says so; true then.
bool throttled(request *r, const PGresult *row);
// Hashes into the arena; NULL when 503 has been answered.
const char *hashed(request *r, const char *password);
// Verifies; answers 503 when busy, the given problem when wrong; true when the password is right.
bool verified(request *r, const char *stored, const char *password, enum error wrong,
              enum password_verdict *verdict);

#endif
