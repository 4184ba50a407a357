// SPDX-License-Identifier: Apache-2.0
// The program `history`: messages read and sent over REST. Its routes and handlers, one line of SQL each.
#ifndef PARLEY_HISTORY_HISTORY_H
#define PARLEY_HISTORY_HISTORY_H

#include "web/web.h"

extern const route history_routes[];
extern const size_t history_routes_count;

void history_page(request *r);
void history_changes(request *r);
void history_post(request *r);
void history_read(request *r);

#endif
