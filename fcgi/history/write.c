// SPDX-License-Identifier: Apache-2.0
// Writing: a message, a read marker.
#include "history/history.h"
#include "lib/message.h"

void history_post(request *r) {
    message_new m = message_read(&r->in, r->cfg, r->arena);
    db_params p = web_params(r);
    db_text(&p, m.ref);
    db_id(&p, m.conversation);
    db_text(&p, m.body);
    db_id(&p, m.reply_to);
    db_id(&p, m.thread);
    if (m.mentions_count == 0)
        db_null(&p);
    else
        db_ids(&p, m.mentions, m.mentions_count);
    db_rate(&p, &r->cfg->message_rate_limit);
    web_sql(r, 201, "history_post", &p);
}

void history_read(request *r) {
    db_params p = web_params(r);
    db_id(&p, json_need_id(&r->in, "conversation"));
    db_int(&p, json_need_int(&r->in, "seq", 0, SEQ_MAX));
    db_int(&p, r->cfg->receipts_max_members);
    web_sql(r, 204, "history_read", &p);
}
