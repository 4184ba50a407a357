// SPDX-License-Identifier: Apache-2.0
// Who is in a conversation, and with what role.
#include "groups/groups.h"

static const char *const ROLES[] = {"member", "admin", "owner", NULL};

void members_list(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "group"));
    db_int(&p, query_int(r, "after", 0, INT64_MAX, 0));
    db_int(&p, query_limit(r, r->cfg->page_max, r->cfg->list_max));
    web_sql(r, 200, "groups_members", &p);
}

void members_add(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "group"));
    int64_t *accounts;
    size_t count = json_need_ids(&r->in, "accounts", (size_t)r->cfg->members_add_max, r->arena, &accounts);
    db_ids(&p, accounts, count);
    db_text(&p, json_want_choice(&r->in, "role", ROLES));
    web_sql(r, 204, "groups_add", &p);
}

void member_role(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "group"));
    db_id(&p, path_id(r, "account"));
    db_text(&p, json_need_choice(&r->in, "role", ROLES));
    web_sql(r, 204, "groups_role", &p);
}

void member_remove(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "group"));
    db_id(&p, path_id(r, "account"));
    web_sql(r, 204, "groups_remove", &p);
}
