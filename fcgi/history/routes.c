// SPDX-License-Identifier: Apache-2.0
// The routes of `history`, each with its whole policy.
#include "history/history.h"

const route history_routes[] = {
    {METHOD_GET, "/api/history/{conversation}", ACCESS_SESSION, BODY_NONE, 0, RATE_NONE, SITE_ANY,
     history_page},
    {METHOD_GET, "/api/changes/{conversation}", ACCESS_SESSION, BODY_NONE, 0, RATE_NONE, SITE_ANY,
     history_changes},
    {METHOD_POST, "/api/messages", ACCESS_SESSION, BODY_JSON, 0, RATE_MESSAGE, SITE_SAME, history_post},
    {METHOD_POST, "/api/read", ACCESS_SESSION, BODY_JSON, 0, RATE_COMMAND, SITE_SAME, history_read},
};

const size_t history_routes_count = sizeof history_routes / sizeof *history_routes;
