// SPDX-License-Identifier: Apache-2.0
// The program `groups`: conversations and who is in them. Its routes and handlers, one line of SQL each.
#ifndef PARLEY_GROUPS_GROUPS_H
#define PARLEY_GROUPS_GROUPS_H

#include "web/web.h"

extern const route groups_routes[];
extern const size_t groups_routes_count;

// conversation.c: the caller's list and its own settings in it
void conversations_list(request *r);
void conversation_get(request *r);
void conversation_settings(request *r);
void direct_open(request *r);

// group.c: groups themselves
void group_create(request *r);
void group_directory(request *r);
void group_get(request *r);
void group_change(request *r);
void group_delete(request *r);
void group_join(request *r);

// member.c: who is in them
void members_list(request *r);
void members_add(request *r);
void member_role(request *r);
void member_remove(request *r);

#endif
