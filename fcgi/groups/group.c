// SPDX-License-Identifier: Apache-2.0
// Groups: made, found, changed, deleted, joined.
#include "groups/groups.h"

#define RETENTION_MAX 36500 // days
#define AVATAR_MAX 200

static const char *const VISIBILITY[] = {"private", "public", NULL};

static text_rule title_rule(const request *r) {
    return (text_rule){.min = 1, .max = r->cfg->title_max_chars, .flags = TEXT_NAME};
}

void group_create(request *r) {
    db_params p = web_params(r);
    db_text(&p, json_need_text(&r->in, "title", title_rule(r)));
    const char *visibility = json_want_choice(&r->in, "visibility", VISIBILITY);
    db_text(&p, visibility == NULL ? VISIBILITY[0] : visibility);
    int64_t *members;
    size_t count = json_want_ids(&r->in, "members", (size_t)r->cfg->members_add_max, r->arena, &members);
    db_ids(&p, members, count);
    db_text(&p, json_need_uuid(&r->in, "ref"));
    web_sql(r, 201, "groups_create", &p);
}

void group_directory(request *r) {
    db_params p = web_params(r);
    db_text(&p, query_text(r, "q", (text_rule){.max = r->cfg->title_max_chars}));
    db_int(&p, query_int(r, "after", 0, INT64_MAX, 0));
    db_int(&p, query_limit(r, r->cfg->page_default, r->cfg->page_max));
    web_sql(r, 200, "groups_directory", &p);
}

void group_get(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "group"));
    web_sql(r, 200, "groups_get", &p);
}

// A member that null or an empty text clears: whether it is named at all, and its text.
static void clearable(request *r, db_params *p, const char *name, int max) {
    db_bool(p, json_has(&r->in, name));
    db_text(p, json_want_text(&r->in, name, (text_rule){.max = max, .flags = TEXT_NAME}));
}

void group_change(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "group"));
    db_text(&p, json_want_text(&r->in, "title", title_rule(r)));
    clearable(r, &p, "topic", r->cfg->topic_max_chars);
    clearable(r, &p, "avatar", AVATAR_MAX);
    db_text(&p, json_want_choice(&r->in, "visibility", VISIBILITY));
    db_bool(&p, json_has(&r->in, "retention_days"));
    db_id(&p, json_want_int(&r->in, "retention_days", 1, RETENTION_MAX, 0));
    web_wish(r, &p, "archived");
    web_sql(r, 200, "groups_change", &p);
}

void group_delete(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "group"));
    web_sql(r, 204, "groups_delete", &p);
}

void group_join(request *r) {
    db_params p = web_params(r);
    db_id(&p, path_id(r, "group"));
    web_sql(r, 200, "groups_join", &p);
}
