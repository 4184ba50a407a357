// SPDX-License-Identifier: Apache-2.0
// The program `history`: what SQL functions it calls, and main.
// Rules are in sql/history/ and sql/common/_post.sql, policy in routes.c; here nothing is decided.
#include "history/history.h"

static const db_call CALLS[] = {
    {"history_changes", "bytea bigint bigint integer"},
    {"history_page", "bytea bigint bigint bigint bigint integer"},
    {"history_post", "bytea uuid bigint text bigint bigint bigint[] integer integer"},
    {"history_read", "bytea bigint bigint integer"},
};

int main(int argc, char **argv) {
    return web_main(argc, argv,
                    &(web_program){
                        .name = "history",
                        .what = "messages, read and sent over HTTP",
                        .routes = history_routes,
                        .routes_count = history_routes_count,
                        .calls = CALLS,
                        .calls_count = sizeof CALLS / sizeof *CALLS,
                    });
}
