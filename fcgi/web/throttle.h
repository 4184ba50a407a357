// SPDX-License-Identifier: Apache-2.0
// Token buckets of those who call this worker: command_rate_limit. One process's memory: with W workers
// somebody may reach W times the rate, which is enough to stop a flood. What must hold exactly is kept by SQL.
#ifndef PARLEY_WEB_THROTTLE_H
#define PARLEY_WEB_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "web/request.h"

// Takes one from the bucket of the request's session, or of its address when it has no credential. False: it is
// empty; *retry_s (at least 1) says when to come again.
bool throttle_take(const request *r, int64_t now_ms, int *retry_s);

#endif
