// SPDX-License-Identifier: Apache-2.0
// The routes of `groups`, each with its whole policy.
#include "groups/groups.h"

// clang-format off
#define READ(pattern, handler) \
    {METHOD_GET, pattern, ACCESS_SESSION, BODY_NONE, 0, RATE_NONE, SITE_ANY, handler}
#define WRITE(method, pattern, body, handler) \
    {method, pattern, ACCESS_SESSION, body, 0, RATE_COMMAND, SITE_SAME, handler}

const route groups_routes[] = {
    READ("/api/conversations", conversations_list),
    READ("/api/conversations/{conversation}", conversation_get),
    WRITE(METHOD_PATCH, "/api/conversations/{conversation}/me", BODY_JSON, conversation_settings),
    WRITE(METHOD_POST, "/api/direct", BODY_JSON, direct_open),
    READ("/api/groups", group_directory),
    WRITE(METHOD_POST, "/api/groups", BODY_JSON, group_create),
    READ("/api/groups/{group}", group_get),
    WRITE(METHOD_PATCH, "/api/groups/{group}", BODY_JSON, group_change),
    WRITE(METHOD_DELETE, "/api/groups/{group}", BODY_NONE, group_delete),
    WRITE(METHOD_POST, "/api/groups/{group}/join", BODY_NONE, group_join),
    READ("/api/groups/{group}/members", members_list),
    WRITE(METHOD_POST, "/api/groups/{group}/members", BODY_JSON, members_add),
    WRITE(METHOD_PATCH, "/api/groups/{group}/members/{account}", BODY_JSON, member_role),
    WRITE(METHOD_DELETE, "/api/groups/{group}/members/{account}", BODY_NONE, member_remove),
};
// clang-format on

const size_t groups_routes_count = sizeof groups_routes / sizeof *groups_routes;
