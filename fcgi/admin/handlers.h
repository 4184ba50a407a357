// SPDX-License-Identifier: Apache-2.0
// The handlers of routes.c, by the file they are in.
#ifndef PARLEY_ADMIN_HANDLERS_H
#define PARLEY_ADMIN_HANDLERS_H

#include "web/web.h"

extern const web_program admin_program; // routes.c

// accounts.c
void get_accounts(request *r);
void post_account(request *r);
void get_account(request *r);
void patch_account(request *r);
void post_account_password(request *r);
// invites.c
void get_invites(request *r);
void post_invite(request *r);
void delete_invite(request *r);
// insight.c
void get_relays(request *r);
void get_audit(request *r);

// temporary.c: a temporary password: the one given as member "password", else a new random one.
typedef struct temporary {
    const char *made; // NULL when it was given
    const char *hash;
} temporary;
// False when 503 or the first thing wrong with the request has been answered.
bool temporary_password(request *r, temporary *out);

#endif
