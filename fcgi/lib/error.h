// SPDX-License-Identifier: Apache-2.0
// The one list of what can go wrong, and the one table from it to the outside: problem name
// (urn:parley:NAME), title, HTTP status, WebSocket close code, log level. protocol.md section 1.
// SQL raises the same names: parley._fail('not_a_member') is SQLSTATE PY000, the name in MESSAGE,
// text for people in DETAIL, seconds to wait in HINT. problem_from_result is the only place where
// an SQLSTATE enters.
#ifndef PARLEY_LIB_ERROR_H
#define PARLEY_LIB_ERROR_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "lib/buf.h"
#include "lib/log.h"

enum error {
    ERROR_NONE = 0,
    // 400
    ERROR_MALFORMED,        // not JSON, not UTF-8, too deep, a repeated key, a bad path or query
    ERROR_INVALID,          // a member missing, of the wrong type or out of range
    ERROR_UNSUPPORTED_DATA, // a binary frame
    ERROR_UNKNOWN_COMMAND,  // a live command that does not exist
    // 401
    ERROR_UNAUTHENTICATED, // no or bad credential
    ERROR_BAD_LOGIN,       // wrong login or password
    ERROR_REVOKED,         // the session was ended
    // 403
    ERROR_WRONG_PASSWORD, // the current password given for a change is wrong
    ERROR_PASSWORD_CHANGE,
    ERROR_CROSS_SITE,
    ERROR_FORBIDDEN, // the role does not allow it
    ERROR_NOT_A_MEMBER,
    ERROR_REGISTRATION_CLOSED,
    ERROR_BAD_INVITE,
    // 404, 405
    ERROR_NOT_FOUND,
    ERROR_NO_SUCH_MESSAGE,
    ERROR_METHOD_NOT_ALLOWED,
    // 409
    ERROR_CONFLICT, // changed since; or a state that forbids it and has no name of its own
    ERROR_RESET,
    ERROR_LOGIN_TAKEN,
    ERROR_LAST_OWNER,
    ERROR_LAST_ADMIN,
    ERROR_ARCHIVED,
    ERROR_DELETED,            // the message or conversation is deleted
    ERROR_NOT_A_GROUP,        // a direct conversation cannot do this
    ERROR_TOO_MANY_REACTIONS, // 20 different emoji a message
    // 410, 413, 415
    ERROR_GONE, // a poll session that is not there any more
    ERROR_TOO_LARGE,
    ERROR_UNSUPPORTED_TYPE,
    // 429
    ERROR_TOO_MANY,             // a rate limit
    ERROR_TOO_MANY_CONNECTIONS, // live sessions of one account
    // 5xx
    ERROR_INTERNAL,
    ERROR_UNAVAILABLE, // the database is away or too busy
    ERROR_RESTART,
    ERROR_COUNT
};

typedef struct error_row {
    const char *name;  // after urn:parley:
    const char *title; // for people, a short sentence without an end point
    int status;        // HTTP
    int close;         // WebSocket close code, 0 = never ends a connection
    enum log_level level;
} error_row;

// One occurrence. Owned by whoever declares it; holds no pointers.
typedef struct problem {
    enum error code; // ERROR_NONE = all is well
    int retry_after; // seconds, 0 = say nothing
    char detail[320];
} problem;

// The row of an error; unknown values give the row of ERROR_INTERNAL.
const error_row *error_info(enum error code);
// The reason phrase of an HTTP status: of those in the table, and of success.
const char *error_reason(int status);
// By problem name; ERROR_NONE when there is none such.
enum error error_by_name(const char *name);

// Sets code and, when format is not NULL, the detail (cut at a character's edge).
// ERROR_UNAVAILABLE gets retry_after 2 unless changed afterwards.
void problem_set(problem *p, enum error code, const char *format, ...) __attribute__((format(printf, 3, 4)));
// Fills p from a failed result; NULL (no result: connection lost) is ERROR_UNAVAILABLE. A result
// that is no error gives ERROR_NONE. SQLSTATE: PY000 by name; 08, 53, 57, 25006, 55P03, 40001,
// 40P01 unavailable; class 22 invalid; all else internal. Nothing of the server's own message
// reaches p except what _fail put there.
void problem_from_result(problem *p, const PGresult *result);
// Appends {"type","title","status","detail"?,"retry_after"?} (RFC 9457).
void problem_write(buf *out, const problem *p);

#endif
