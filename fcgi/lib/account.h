// SPDX-License-Identifier: Apache-2.0
// What an account may be called and how it is kept: rules for every program that makes or changes one.
#ifndef PARLEY_LIB_ACCOUNT_H
#define PARLEY_LIB_ACCOUNT_H

#include "lib/arena.h"
#include "lib/config.h"
#include "lib/json.h"

// A login as people type it → as it is stored: A to Z folded to lower case, then login_min_chars to
// login_max_chars of [a-z0-9._-]. NULL when it is none.
const char *account_login_fold(const config *cfg, arena *a, const char *text);
// The member "login" of a request that makes an account, folded; NULL with in->why set when it is none.
const char *account_need_login(json_reader *in, const config *cfg, arena *a);

text_rule account_name_rule(const config *cfg); // display_name
text_rule account_password_rule(const config *cfg);

#endif
