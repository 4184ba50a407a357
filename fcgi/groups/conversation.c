// SPDX-License-Identifier: Apache-2.0
// The caller's conversations and its own settings in them.
#include "groups/groups.h"

static const char *const NOTIFY[] = {"all", "mentions", "none", NULL};

void conversations_list(request *r) {
    db_params p = web_params(r);
    int64_t after = query_int(r, "after", 0, INT64_MAX, -1);
    if (after < 0)
        db_null(&p);
    else
        db_int(&p, after);
    db_int(&p, query_limit(r, r->cfg->list_max, r->cfg->list_max));
    web_sql(r, 200, "groups_conversations", &p);
}

void conversation_get(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "conversation"));
    web_sql(r, 200, "groups_conversation", &p);
}

void conversation_settings(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "conversation"));
    db_text(&p, json_want_choice(&r->in, "notify", NOTIFY));
    db_bool(&p, json_has(&r->in, "muted_until"));
    db_text(&p, json_want_text(&r->in, "muted_until", (text_rule){.min = 1, .max = 40}));
    web_wish(r, &p, "favourite");
    db_bool(&p, json_has(&r->in, "draft"));
    db_text(&p, json_want_text(&r->in, "draft", (text_rule){.max = r->cfg->message_max_chars}));
    web_sql(r, 200, "groups_settings", &p);
}

void direct_open(request *r) {
    db_params p = web_params(r);
    db_id(&p, json_need_id(&r->in, "account"));
    web_sql(r, 200, "groups_direct", &p);
}
