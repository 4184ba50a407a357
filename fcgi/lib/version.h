// SPDX-License-Identifier: Apache-2.0
// What these programs are, for --version and for the check against the schema at each connect.
#ifndef PARLEY_LIB_VERSION_H
#define PARLEY_LIB_VERSION_H

#define PARLEY_VERSION "0.1.0"

// The oldest schema (number of the last migration) these programs work with.
#define PARLEY_SCHEMA_NEEDED 1
// The level of these programs: a schema whose min_program is above it refuses them.
#define PARLEY_PROGRAM_LEVEL 1

#endif
