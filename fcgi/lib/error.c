// SPDX-License-Identifier: Apache-2.0
// The table of errors. See error.h.
#include "lib/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/json.h"
#include "lib/utf8.h"

#define RETRY_UNAVAILABLE 2

static const error_row ROWS[ERROR_COUNT] = {
    [ERROR_NONE] = {"ok", "All is well", 200, 0, LEVEL_DEBUG},

    [ERROR_MALFORMED] = {"malformed", "The request cannot be read", 400, 1007, LEVEL_INFO},
    [ERROR_INVALID] = {"invalid", "A value is missing, of the wrong type or out of range", 400, 1008,
                       LEVEL_INFO},
    [ERROR_UNSUPPORTED_DATA] = {"unsupported_data", "Only text frames are understood", 400, 1003, LEVEL_INFO},
    [ERROR_UNKNOWN_COMMAND] = {"unknown_command", "There is no such command", 400, 1008, LEVEL_INFO},

    [ERROR_UNAUTHENTICATED] = {"unauthenticated", "Not logged in", 401, 4001, LEVEL_INFO},
    [ERROR_BAD_LOGIN] = {"bad_login", "The login name or the password is wrong", 401, 0, LEVEL_INFO},
    [ERROR_REVOKED] = {"revoked", "The session was ended", 401, 4002, LEVEL_INFO},

    [ERROR_WRONG_PASSWORD] = {"wrong_password", "The current password is wrong", 403, 0, LEVEL_INFO},
    [ERROR_PASSWORD_CHANGE] = {"password_change", "The password must be changed first", 403, 1008,
                               LEVEL_INFO},
    [ERROR_CROSS_SITE] = {"cross_site", "The request came from another site", 403, 1008, LEVEL_WARN},
    [ERROR_FORBIDDEN] = {"forbidden", "Your role does not allow this", 403, 0, LEVEL_INFO},
    [ERROR_NOT_A_MEMBER] = {"not_a_member", "You are not a member of this conversation", 403, 0, LEVEL_INFO},
    [ERROR_REGISTRATION_CLOSED] = {"registration_closed", "Registration is closed", 403, 0, LEVEL_INFO},
    [ERROR_BAD_INVITE] = {"bad_invite", "The invitation is unknown, used or expired", 403, 0, LEVEL_INFO},

    [ERROR_NOT_FOUND] = {"not_found", "There is nothing here", 404, 0, LEVEL_INFO},
    [ERROR_NO_SUCH_MESSAGE] = {"no_such_message", "There is no such message", 404, 0, LEVEL_INFO},
    [ERROR_METHOD_NOT_ALLOWED] = {"method_not_allowed", "The method is not allowed here", 405, 0, LEVEL_INFO},

    [ERROR_CONFLICT] = {"conflict", "The present state does not allow this", 409, 0, LEVEL_INFO},
    [ERROR_RESET] = {"reset", "The cached state is of another database; read anew", 409, 0, LEVEL_INFO},
    [ERROR_LOGIN_TAKEN] = {"login_taken", "The login name is taken", 409, 0, LEVEL_INFO},
    [ERROR_LAST_OWNER] = {"last_owner", "A group needs an owner", 409, 0, LEVEL_INFO},
    [ERROR_LAST_ADMIN] = {"last_admin", "The last administrator cannot be removed", 409, 0, LEVEL_INFO},
    [ERROR_ARCHIVED] = {"archived", "The conversation is archived", 409, 0, LEVEL_INFO},
    [ERROR_DELETED] = {"deleted", "It was deleted", 409, 0, LEVEL_INFO},
    [ERROR_NOT_A_GROUP] = {"not_a_group", "This can be done in groups only", 409, 0, LEVEL_INFO},
    [ERROR_TOO_MANY_REACTIONS] = {"too_many_reactions", "The message has too many different reactions", 409,
                                  0, LEVEL_INFO},

    [ERROR_GONE] = {"gone", "The poll session is gone; open a new one", 410, 0, LEVEL_INFO},
    [ERROR_TOO_LARGE] = {"too_large", "The request is too large", 413, 1009, LEVEL_INFO},
    [ERROR_UNSUPPORTED_TYPE] = {"unsupported_type", "The body must be application/json", 415, 0, LEVEL_INFO},

    [ERROR_TOO_MANY] = {"too_many", "Too many requests", 429, 0, LEVEL_INFO},
    [ERROR_TOO_MANY_CONNECTIONS] = {"too_many_connections", "Too many live connections of this account", 429,
                                    4003, LEVEL_INFO},

    [ERROR_INTERNAL] = {"internal", "Something went wrong on our side", 500, 1011, LEVEL_ERROR},
    [ERROR_UNAVAILABLE] = {"unavailable", "Not available just now; try again", 503, 1013, LEVEL_WARN},
    [ERROR_RESTART] = {"restart", "The server restarts; connect again", 503, 1012, LEVEL_INFO},
};

const error_row *error_info(enum error code) {
    return &ROWS[code >= 0 && code < ERROR_COUNT && ROWS[code].name != NULL ? code : ERROR_INTERNAL];
}

typedef struct reason_row {
    int status;
    const char *text;
} reason_row;

static const reason_row REASONS[] = {
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {409, "Conflict"},
    {410, "Gone"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
};

const char *error_reason(int status) {
    for (size_t i = 0; i < sizeof REASONS / sizeof REASONS[0]; i++)
        if (REASONS[i].status == status) return REASONS[i].text;
    return "Status";
}

enum error error_by_name(const char *name) {
    for (int i = 1; i < ERROR_COUNT; i++)
        if (strcmp(ROWS[i].name, name) == 0) return (enum error)i;
    return ERROR_NONE;
}

void problem_set(problem *p, enum error code, const char *format, ...) {
    *p = (problem){.code = code, .retry_after = code == ERROR_UNAVAILABLE ? RETRY_UNAVAILABLE : 0};
    if (format == NULL) return;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(p->detail, sizeof p->detail, format, args);
    va_end(args);
    if (len >= (int)sizeof p->detail) {
        // One byte may be missing of the last character: cut before it.
        size_t kept = sizeof p->detail - 1;
        while (kept > 0 && !utf8_valid(p->detail, kept))
            kept--;
        p->detail[kept] = '\0';
    }
}

typedef struct sqlstate_row {
    const char *prefix;
    enum error code;
} sqlstate_row;

// The first prefix that fits counts.
static const sqlstate_row SQLSTATES[] = {
    {"08", ERROR_UNAVAILABLE},    // connection
    {"53", ERROR_UNAVAILABLE},    // no memory, disk, connections
    {"57", ERROR_UNAVAILABLE},    // shut down, cancelled, statement_timeout
    {"25006", ERROR_UNAVAILABLE}, // read only: a standby
    {"55P03", ERROR_UNAVAILABLE}, // lock_timeout
    {"40", ERROR_UNAVAILABLE},    // deadlock, serialisation
    {"22", ERROR_INVALID},        // data exception: what C should have refused
};

static enum error error_by_sqlstate(const char *state) {
    for (size_t i = 0; i < sizeof SQLSTATES / sizeof SQLSTATES[0]; i++)
        if (strncmp(state, SQLSTATES[i].prefix, strlen(SQLSTATES[i].prefix)) == 0) return SQLSTATES[i].code;
    return ERROR_INTERNAL;
}

static const char *field_of(const PGresult *result, int field) {
    const char *text = PQresultErrorField(result, field);
    return text == NULL ? "" : text;
}

static void problem_by_name(problem *p, const PGresult *result) {
    const char *name = field_of(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = field_of(result, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = field_of(result, PG_DIAG_MESSAGE_HINT);
    enum error code = error_by_name(name);
    if (code == ERROR_NONE) {
        log_error(NULL, "SQL raised a problem without a row in the table of errors: %s", name);
        problem_set(p, ERROR_INTERNAL, NULL);
        return;
    }
    problem_set(p, code, "%s", detail);
    int64_t seconds = number_parse(hint, strlen(hint), 86400 * 366);
    if (seconds > 0) p->retry_after = (int)seconds;
}

void problem_from_result(problem *p, const PGresult *result) {
    ExecStatusType status = PQresultStatus(result);
    const char *state = result == NULL ? "" : field_of(result, PG_DIAG_SQLSTATE);
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK || status == PGRES_SINGLE_TUPLE) {
        *p = (problem){0};
    } else if (strcmp(state, "PY000") == 0) {
        problem_by_name(p, result);
    } else if (state[0] == '\0') { // made by libpq itself: the connection is lost
        problem_set(p, ERROR_UNAVAILABLE, NULL);
    } else {
        problem_set(p, error_by_sqlstate(state), NULL);
    }
}

void problem_write(buf *out, const problem *p) {
    const error_row *row = error_info(p->code);
    buf_printf(out, "{\"type\":\"urn:parley:%s\",\"title\":\"%s\",\"status\":%d", row->name, row->title,
               row->status);
    if (p->detail[0] != '\0') {
        buf_add_text(out, ",\"detail\":");
        buf_add_json_text(out, p->detail);
    }
    if (p->retry_after > 0) buf_printf(out, ",\"retry_after\":%d", p->retry_after);
    buf_add_char(out, '}');
}
