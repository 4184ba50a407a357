// SPDX-License-Identifier: Apache-2.0
// Configuration: one table of keys (config.c) fills one typed struct. conf/parley.conf documents
// every key, its unit and default; a test holds the two together.
// Order: defaults, then the file (`key = value`, # starts a comment), then the environment (PARLEY_ and
// the key in capitals). An unknown key, a repeated key and a bad value are refused, in the environment too
// (PARLEY_TEST_* excepted). After config_load nothing changes.
#ifndef PARLEY_LIB_CONFIG_H
#define PARLEY_LIB_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#include "lib/address.h"
#include "lib/log.h"
#include "lib/rate.h"

enum registration { REGISTRATION_OPEN, REGISTRATION_INVITE, REGISTRATION_CLOSED };

typedef struct config {
    // database
    const char *database;               // libpq connection string without user; never NULL
    const char *database_password_file; // "" = PGPASSFILE and libpq's own ways
    const char *role_prefix;
    bool allow_unsafe_database;

    // where things are
    const char *run_dir; // absolute; sockets and locks
    int log_level;       // enum log_level

    // web
    const char *listen;
    const char *public_url; // "" = as requested; without a trailing /
    address_list trusted_proxies;
    int registration; // enum registration

    // processes
    int login_workers, groups_workers, history_workers, admin_workers;
    int relays;
    const char *region; // of the relays of this host, "" = none

    // sessions
    int session_days;       // unused for so long: ended
    int login_sessions_max; // an account; the longest unused ends
    int live_sessions_max;  // an account; the oldest gets bye too_many
    int sessions_max;       // live sessions of one relay; 0 = as many as open files allow

    // live
    int heartbeat;     // seconds
    int poll_wait_max; // seconds
    int queue_bytes;
    int commands_max;
    int receipts_max_members;
    int watch_max;
    int resume_max;
    int typing_seconds;

    // input
    int body_max_bytes; // request body, frame, poll body
    int json_depth;
    int message_max_chars;
    int login_min_chars, login_max_chars;
    int password_min_bytes, password_max_bytes;
    int display_name_max_chars;
    int title_max_chars;
    int topic_max_chars;
    int status_max_chars;
    int members_add_max;

    // output
    int page_default, page_max;
    int list_max;
    int ids_max; // accounts asked for by id in one request

    int audit_days; // the record of what administrators did, and invites after they expired, are kept so long

    // rates
    rate login_rate_limit;    // tries an account
    rate login_ip_rate_limit; // tries an address
    rate register_rate_limit; // an address
    rate message_rate_limit;  // an account
    rate command_rate_limit;  // other commands, a session
    int command_burst;

    // passwords
    int argon2_memory_kib;
    int argon2_passes;
    int argon2_per_core;
} config;

// Fills *out. path NULL = no file. Each complaint is one line to complaints:
//   parley.conf:12: heartbeat = 0: expected a whole number from 5 to 300
//   PARLEY_HEARTBEAT = 0: expected …
// Returns true when there was none. Texts in *out live as long as the process. environ_ is a list such
// as environ(7), NULL = none.
bool config_load(config *out, const char *path, char *const *environ_, FILE *complaints);
// Writes every key as `key = value`, the effective values, and as a comment how many database connections
// they add up to; what --print-config shows. The output is itself a configuration file.
void config_print(const config *cfg, FILE *out);
// Database connections of all programs and relays together, as configured.
int config_connections(const config *cfg);
// Workers of a FastCGI program by name; 0 when there is none such.
int config_workers(const config *cfg, const char *program);
// True when public_url is https: Secure cookies.
bool config_https(const config *cfg);

// The table, for the test that compares it with conf/parley.conf: the key and default of row i, in the
// file's order; false past the end.
bool config_key(size_t i, const char **name, const char **initial);

#endif
