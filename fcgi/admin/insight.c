// SPDX-License-Identifier: Apache-2.0
// What administrators can look at: the relays, and what administrators did.
#include "admin/handlers.h"

void get_relays(request *r) {
    db_params p = web_params(r);
    web_sql(r, 200, "admin_relays", &p);
}

void get_audit(request *r) {
    db_params p = web_params(r);
    db_id(&p, query_id(r, "before"));
    db_int(&p, query_limit(r, r->cfg->page_default, r->cfg->page_max));
    web_sql(r, 200, "admin_audit", &p);
}
