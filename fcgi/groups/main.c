// SPDX-License-Identifier: Apache-2.0
// The program `groups`: what SQL functions it calls, and main.
// Rules are in sql/groups/, policy in routes.c; here nothing is decided.
#include "groups/groups.h"

static const db_call CALLS[] = {
    {"groups_add", "bytea bigint bigint[] text"},
    {"groups_change", "bytea bigint text boolean text boolean text text boolean integer boolean"},
    {"groups_conversation", "bytea bigint"},
    {"groups_conversations", "bytea bigint integer"},
    {"groups_create", "bytea text text bigint[] uuid"},
    {"groups_delete", "bytea bigint"},
    {"groups_direct", "bytea bigint"},
    {"groups_directory", "bytea text bigint integer"},
    {"groups_get", "bytea bigint"},
    {"groups_join", "bytea bigint"},
    {"groups_members", "bytea bigint bigint integer"},
    {"groups_remove", "bytea bigint bigint"},
    {"groups_role", "bytea bigint bigint text"},
    {"groups_settings", "bytea bigint text boolean text boolean boolean text"},
};

int main(int argc, char **argv) {
    return web_main(argc, argv,
                    &(web_program){
                        .name = "groups",
                        .what = "conversations, groups and their members",
                        .routes = groups_routes,
                        .routes_count = groups_routes_count,
                        .calls = CALLS,
                        .calls_count = sizeof CALLS / sizeof *CALLS,
                    });
}
