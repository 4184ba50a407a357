// SPDX-License-Identifier: Apache-2.0
// What every program does before it works: command line, configuration, log, --help, --version,
// --check-config, --print-config; and the exit codes.
#ifndef PARLEY_LIB_OPTIONS_H
#define PARLEY_LIB_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

#include "lib/config.h"

// 0 · EX_USAGE 64 bad command line · EX_UNAVAILABLE 69 database refused · EX_CONFIG 78 bad
// configuration · 1 all else. OPTIONS_GO_ON: none of these, work.
#define OPTIONS_GO_ON (-1)

// One option of a program's own: either a flag or one with a value.
typedef struct option_row {
    const char *name;  // "--socket"
    const char *value; // what follows, for --help ("PATH"); NULL for a flag
    const char *help;  // one line
    const char **text; // where the value goes; NULL for a flag
    bool *flag;        // set true when the flag is there
    bool required;     // unless --check-config, --print-config or an option with `alone` is there
    bool alone;        // a flag that asks for an answer instead of work (--routes)
} option_row;

// Reads the command line and the configuration (--config FILE) into *cfg, sets up the log and token_setup.
// Returns OPTIONS_GO_ON or the code to exit with (help, version, checks and complaints are printed).
int options_start(int argc, char **argv, const char *program, const char *what, const option_row *rows,
                  size_t count, config *cfg);

#endif
