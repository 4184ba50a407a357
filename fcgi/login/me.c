// SPDX-License-Identifier: Apache-2.0
// The account that calls: GET and PATCH /api/me. A member of PATCH that is missing or null leaves things as they are.
#include "lib/account.h"
#include "login/handlers.h"

void get_me(request *r) {
    db_params p = web_params(r);
    web_sql(r, 200, "login_me", &p);
}

void patch_me(request *r) {
    db_params p = web_params(r);
    db_text(&p, json_want_text(&r->in, "display_name", account_name_rule(r->cfg)));
    web_sql(r, 200, "login_me_update", &p);
}
